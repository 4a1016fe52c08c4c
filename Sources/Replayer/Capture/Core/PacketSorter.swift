import Protocols

/// What a capture held, as counts of packets.
public struct CaptureCounts: Sendable, Equatable {
    public var packets: UInt64 = 0
    public var tcp: UInt64 = 0
    /// IP without TCP in it.
    public var otherIP: UInt64 = 0
    /// Pieces of IP packets, which are not put together.
    public var fragments: UInt64 = 0
    /// Neither IP nor cut off behind its headers.
    public var unreadable: UInt64 = 0
    public var flows: UInt64 = 0
}

/// A packet of a flow, its payload as a range of the block that it came in.
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
    private let shards: Int

    init(shards: Int, _ limits: CaptureLimits) {
        self.shards = shards
        table = FlowTable(capacity: limits.flows)
    }

    /// Takes whole packets from the start of `block`, and says how many bytes they are, and why it went no further.
    mutating func sort(_ block: Span<UInt8>, into dealt: inout [[FlowPacket]]) -> (consumed: Int, fault: CaptureFault?)
    {
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
                if let sorted = sort(packet, block.extracting(start..<start + length), at: start) {
                    dealt[sorted.slot % shards].append(sorted)
                }
                start += length
            }
        }
        return (start, nil)
    }

    private mutating func sort(_ packet: CapturedPacket, _ bytes: Span<UInt8>, at base: Int) -> FlowPacket? {
        let frame = bytes.extracting(packet.content)
        guard let start = packet.link.packetStart(frame), start <= frame.count,
            let ip = IPPacket(frame.extracting(start...))
        else {
            counts.unreadable += 1
            return nil
        }
        guard !ip.isFragment else {
            counts.fragments += 1
            return nil
        }
        guard ip.protocolNumber == Self.tcp else {
            counts.otherIP += 1
            return nil
        }
        let tcpStart = start + ip.payload.lowerBound
        guard let segment = TCPSegment(frame.extracting(tcpStart..<start + ip.payload.upperBound)) else {
            counts.unreadable += 1
            return nil
        }
        counts.tcp += 1
        let stamp = PacketStamp(number: counts.packets, wallNanoseconds: packet.wallNanoseconds)
        let payload = base + packet.content.lowerBound + tcpStart + segment.payload.lowerBound
        return sort(ip, segment, stamp, payload: payload..<payload + segment.payload.count)
    }

    private mutating func sort(
        _ ip: IPPacket, _ segment: TCPSegment, _ stamp: PacketStamp, payload: Range<Int>
    ) -> FlowPacket {
        let (key, sender) = FlowKey.make(
            from: FlowEndpoint(address: ip.source, port: segment.sourcePort),
            to: FlowEndpoint(address: ip.destination, port: segment.destinationPort))
        let place = table.place(key, segment)
        counts.flows = table.count
        return FlowPacket(
            slot: place.slot, flow: place.number, key: place.isNew ? key : nil, sender: sender, stamp: stamp,
            segment: segment, payload: payload)
    }
}
