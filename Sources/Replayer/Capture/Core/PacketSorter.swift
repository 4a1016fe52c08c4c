import Protocols

/// What a capture held, as counts of packets.
public struct CaptureCounts: Sendable, Equatable {
    public var packets: UInt64 = 0
    public var tcp: UInt64 = 0
    /// IP without TCP in it.
    public var otherIP: UInt64 = 0
    /// Pieces of IP packets.
    public var fragments: UInt64 = 0
    /// Pieces that may carry TCP, and are part of no packet that could be put together.
    public var fragmentsLeft: UInt64 = 0
    /// Packets of TCP that were put together.
    public var assembled: UInt64 = 0
    /// Packets that were given up because their pieces contradict each other.
    public var contradictions: UInt64 = 0
    /// Neither IP nor cut off behind its headers.
    public var unreadable: UInt64 = 0
    public var flows: UInt64 = 0
}

/// A packet of a flow, its payload as a range of the block that it came in, and of what was put together behind it.
struct FlowPacket: Sendable {
    /// Where the shard keeps the flow.
    var slot: Int32
    var sender: FlowSide
    /// The first one of its flow; a ``FlowBeginning`` tells which that is.
    var begins: Bool
    var stamp: PacketStamp
    var segment: TCPSegment
}

/// A flow that begins.
struct FlowBeginning: Sendable {
    /// In the order of first packets, from 0.
    var number: UInt64
    var key: FlowKey
}

/// The packets of one shard's flows in a block, in order, and the flows that begin with some of them, in the same order.
struct FlowPackets: Sendable {
    var packets: [FlowPacket] = []
    var beginnings: [FlowBeginning] = []

    /// Keeps the memory for the next ones.
    mutating func clear() {
        packets.removeAll(keepingCapacity: true)
        beginnings.removeAll(keepingCapacity: true)
    }
}

/// Takes a capture apart into the packets of its flows, and deals the flows out to so many shards.
struct PacketSorter: Sendable {
    private static let tcp: UInt8 = 6

    private(set) var counts = CaptureCounts()
    private var parser = CaptureParser()
    private var table: FlowTable
    private var fragments: FragmentTable
    private let shards: Int32

    init(shards: Int, _ limits: CaptureLimits) {
        self.shards = Int32(shards)
        table = FlowTable(capacity: limits.flows)
        fragments = FragmentTable(limits)
    }

    /// Takes whole packets from the start of `block`, and says how many bytes they are, and why it went no further.
    ///
    /// - Parameter assembled: gets the contents of packets that were fragmented; they count as if they stood behind the block.
    mutating func sort(
        _ block: Span<UInt8>, into dealt: inout [FlowPackets], assembled: inout [UInt8]
    ) -> (consumed: Int, fault: CaptureFault?) {
        var start = 0
        while start < block.count {
            let step: CaptureStep
            do throws(CaptureFault) { step = try parser.step(block.extracting(start...)) } catch {
                return (start, error.rebased(by: UInt64(start)))
            }
            switch step {
            case .needMore: return (start, nil)
            case .other(let length): start += length
            case .packet(let packet, let length):
                counts.packets += 1
                sort(packet, block, at: start, into: &dealt, &assembled)
                start += length
            }
        }
        return (start, nil)
    }

    @inline(__always)
    private mutating func sort(
        _ packet: CapturedPacket, _ block: Span<UInt8>, at base: Int, into dealt: inout [FlowPackets],
        _ assembled: inout [UInt8]
    ) {
        let frame = block.extracting(base + packet.content.lowerBound..<base + packet.content.upperBound)
        guard let start = packet.link.packetStart(frame), start <= frame.count,
            let ip = IPPacket(frame.extracting(start...))
        else {
            counts.unreadable += 1
            return
        }
        let stamp = PacketStamp(number: counts.packets, wallNanoseconds: packet.wallNanoseconds)
        let content = frame.extracting(start + ip.payload.lowerBound..<start + ip.payload.upperBound)
        if let fragment = ip.fragment {
            counts.fragments += 1
            add(fragment, of: ip, content, stamp, behind: block.count, into: &dealt, &assembled)
        } else if ip.protocolNumber != Self.tcp {
            counts.otherIP += 1
        } else if deal(ip, content, at: base + packet.content.lowerBound + start + ip.payload.lowerBound, stamp, &dealt)
        {
            counts.tcp += 1
        } else {
            counts.unreadable += 1
        }
    }

    /// Deals the packet that the fragment completes, if it does.
    @inline(never)
    private mutating func add(
        _ fragment: IPFragment, of ip: IPPacket, _ content: Span<UInt8>, _ stamp: PacketStamp, behind end: Int,
        into dealt: inout [FlowPackets], _ assembled: inout [UInt8]
    ) {
        guard ip.mayCarry(Self.tcp) else { return }
        let whole = fragments.add(content, fragment, of: ip, at: stamp.wallNanoseconds)
        counts.fragmentsLeft = fragments.leftCount
        counts.contradictions = fragments.contradictionCount
        guard let whole, let packet = ip.assembled(whole.span), packet.protocolNumber == Self.tcp,
            deal(packet, whole.span.extracting(packet.payload), at: end + assembled.count, stamp, &dealt)
        else { return }
        counts.assembled += 1
        assembled.append(whole.span.extracting(packet.payload))
    }

    /// False where the content, which stands at this place of the block, is no segment of TCP.
    @inline(__always)
    private mutating func deal(
        _ ip: IPPacket, _ content: Span<UInt8>, at place: Int, _ stamp: PacketStamp, _ dealt: inout [FlowPackets]
    ) -> Bool {
        guard let segment = TCPSegment(content, at: place) else { return false }
        let (key, sender) = FlowKey.make(
            from: FlowEndpoint(address: ip.source, port: segment.sourcePort),
            to: FlowEndpoint(address: ip.destination, port: segment.destinationPort))
        let place = table.place(key, segment)
        let (slot, shard) = place.slot.quotientAndRemainder(dividingBy: shards)
        if place.begins {
            dealt[Int(shard)].beginnings.append(FlowBeginning(number: counts.flows, key: key))
            counts.flows += 1
        }
        dealt[Int(shard)].packets.append(
            FlowPacket(slot: slot, sender: sender, begins: place.begins, stamp: stamp, segment: segment))
        return true
    }
}
