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
    var slot: Int
    var flow: UInt64
    /// Set on the first packet of a flow.
    var key: FlowKey?
    var sender: FlowSide
    var stamp: PacketStamp
    var segment: TCPSegment
    var payload: Range<Int>
}

/// Takes a capture apart into the packets of its flows, and deals the flows out to so many shards.
struct PacketSorter: Sendable {
    private static let tcp: UInt8 = 6

    private(set) var counts = CaptureCounts()
    private var parser = CaptureParser()
    private var table: FlowTable
    private var fragments: FragmentTable
    private let shards: Int

    init(shards: Int, _ limits: CaptureLimits) {
        self.shards = shards
        table = FlowTable(capacity: limits.flows)
        fragments = FragmentTable(limits)
    }

    /// Takes whole packets from the start of `block`, and says how many bytes they are, and why it went no further.
    ///
    /// - Parameter assembled: gets the contents of packets that were fragmented; they count as if they stood behind the block.
    mutating func sort(
        _ block: Span<UInt8>, into dealt: inout [[FlowPacket]], assembled: inout [UInt8]
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
                let bytes = block.extracting(start..<start + length)
                sort(packet, bytes, at: start, behind: block.count, into: &dealt, &assembled)
                start += length
            }
        }
        return (start, nil)
    }

    private mutating func sort(
        _ packet: CapturedPacket, _ bytes: Span<UInt8>, at base: Int, behind end: Int,
        into dealt: inout [[FlowPacket]], _ assembled: inout [UInt8]
    ) {
        let frame = bytes.extracting(packet.content)
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
            add(fragment, of: ip, content, stamp, behind: end, into: &dealt, &assembled)
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
    private mutating func add(
        _ fragment: IPFragment, of ip: IPPacket, _ content: Span<UInt8>, _ stamp: PacketStamp, behind end: Int,
        into dealt: inout [[FlowPacket]], _ assembled: inout [UInt8]
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

    /// False where the content is no segment of TCP.
    private mutating func deal(
        _ ip: IPPacket, _ content: Span<UInt8>, at place: Int, _ stamp: PacketStamp, _ dealt: inout [[FlowPacket]]
    ) -> Bool {
        guard let segment = TCPSegment(content) else { return false }
        let (key, sender) = FlowKey.make(
            from: FlowEndpoint(address: ip.source, port: segment.sourcePort),
            to: FlowEndpoint(address: ip.destination, port: segment.destinationPort))
        let flow = table.place(key, segment)
        counts.flows = table.count
        dealt[flow.slot % shards].append(
            FlowPacket(
                slot: flow.slot, flow: flow.number, key: flow.isNew ? key : nil, sender: sender, stamp: stamp,
                segment: segment, payload: place + segment.payload.lowerBound..<place + segment.payload.upperBound))
        return true
    }
}
