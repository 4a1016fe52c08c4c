public import Replayer

/// The packets of one TCP connection, made up: what each end says, cut into segments, with handshake, acknowledgements and end.
public struct TCPScript: Sendable {
    public struct Packet: Sendable, Equatable {
        public var sender: FlowSide
        public var sequence: UInt32
        public var acknowledgment: UInt32
        public var flags: Flags
        public var payload: [UInt8]

        public init(
            sender: FlowSide, sequence: UInt32, acknowledgment: UInt32, flags: Flags, payload: [UInt8] = []
        ) {
            self.sender = sender
            self.sequence = sequence
            self.acknowledgment = acknowledgment
            self.flags = flags
            self.payload = payload
        }
    }

    public struct Flags: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let fin = Flags(rawValue: 1)
        public static let syn = Flags(rawValue: 2)
        public static let rst = Flags(rawValue: 4)
        public static let ack = Flags(rawValue: 16)
    }

    public private(set) var packets: [Packet] = []
    /// All that each end has said.
    public private(set) var said: [[UInt8]] = [[], []]
    /// The next sequence number of each end.
    private var next: [UInt32]

    /// - Parameter initial: the sequence numbers of the ends' SYNs.
    public init(initial: [UInt32] = [1000, 5000]) { next = initial.map { $0 &+ 1 } }

    /// The lower end opens the connection.
    public mutating func handshake() {
        add(.lower, [.syn], sequence: next[0] &- 1, acknowledgment: 0)
        add(.higher, [.syn, .ack], sequence: next[1] &- 1, acknowledgment: next[0])
        add(.lower, [.ack])
    }

    /// One end says something, in segments of at most so many bytes; the other end acknowledges.
    public mutating func say(_ bytes: [UInt8], _ sender: FlowSide, segment: Int = 1460, isAcknowledged: Bool = true) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(segment)
            add(sender, [.ack], payload: Array(piece))
            next[sender.rawValue] &+= UInt32(piece.count)
            rest = rest.dropFirst(segment)
        }
        said[sender.rawValue] += bytes
        if isAcknowledged { add(sender.opposite, [.ack]) }
    }

    /// One end has nothing more to say.
    public mutating func finish(_ sender: FlowSide) {
        add(sender, [.fin, .ack])
        next[sender.rawValue] &+= 1
        add(sender.opposite, [.ack])
    }

    public mutating func reset(_ sender: FlowSide) { add(sender, [.rst, .ack]) }

    public mutating func append(_ packet: Packet) { packets.append(packet) }

    private mutating func add(
        _ sender: FlowSide, _ flags: Flags, sequence: UInt32? = nil, acknowledgment: UInt32? = nil,
        payload: [UInt8] = []
    ) {
        packets.append(
            Packet(
                sender: sender, sequence: sequence ?? next[sender.rawValue],
                acknowledgment: acknowledgment ?? next[sender.opposite.rawValue], flags: flags, payload: payload))
    }
}

// MARK: - What happens to packets on their way

extension TCPScript {
    /// Packets farther than this from their place are not made: reassembly waits for 64.
    private static let displacementMaximum = 24

    /// The same connection as a bad network and a bad capture show it: packets split, repeated, repeated in other pieces, and
    /// out of order. All bytes are there, and none contradicts another.
    public func messed(_ generator: inout some RandomNumberGenerator) -> [Packet] {
        var messed: [(place: Int, packet: Packet)] = []
        for packet in packets {
            for piece in Self.split(packet, &generator) {
                messed.append((messed.count, piece))
                if Int.random(in: 0..<6, using: &generator) == 0 { messed.append((messed.count, piece)) }
            }
            if let again = Self.overlap(packet, messed.map(\.packet).suffix(8), &generator) {
                messed.append((messed.count, again))
            }
        }
        let places = messed.map { $0.place + Int.random(in: 0...Self.displacementMaximum, using: &generator) }
        return messed.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { messed[$0].packet }
    }

    private static func split(_ packet: Packet, _ generator: inout some RandomNumberGenerator) -> [Packet] {
        guard packet.payload.count > 1, Bool.random(using: &generator) else { return [packet] }
        let cut = Int.random(in: 1..<packet.payload.count, using: &generator)
        var (first, second) = (packet, packet)
        first.payload = Array(packet.payload[..<cut])
        second.payload = Array(packet.payload[cut...])
        second.sequence &+= UInt32(cut)
        return [first, second]
    }

    /// A retransmission of the end of an earlier packet together with the beginning of this one.
    private static func overlap(
        _ packet: Packet, _ earlier: ArraySlice<Packet>, _ generator: inout some RandomNumberGenerator
    ) -> Packet? {
        guard Int.random(in: 0..<4, using: &generator) == 0, packet.payload.count > 1 else { return nil }
        let before = earlier.first {
            $0.sender == packet.sender && !$0.payload.isEmpty
                && $0.sequence &+ UInt32($0.payload.count) == packet.sequence
        }
        guard let before else { return nil }
        let skipped = Int.random(in: 0..<before.payload.count, using: &generator)
        var again = before
        again.sequence &+= UInt32(skipped)
        again.payload = Array(before.payload[skipped...]) + packet.payload.prefix(packet.payload.count / 2)
        return again
    }
}
