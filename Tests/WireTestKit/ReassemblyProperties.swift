import Replayer

/// What must hold of reassembly for every input. The fuzzer and the tests share it.
public enum ReassemblyProperties {
    /// A sentence on what does not hold, or `nil`. The first byte tells what the others are: packets as they come, or the
    /// seed of a connection and of what happens to its packets.
    public static func violation(_ input: [UInt8]) -> String? {
        guard let kind = input.first else { return nil }
        if kind & 1 == 0 { return arbitrary(input.dropFirst()) }
        return messed(seed: input.dropFirst().prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// However a connection's packets were split, repeated and put out of order, its bytes are the same.
    public static func messed(seed: UInt64) -> String? {
        var generator = SplitMix64(seed: seed)
        let script = connection(&generator)
        let whole = ReassemblyTrace(script.packets)
        let messed = ReassemblyTrace(script.messed(&generator))
        for (name, trace) in [("in order", whole), ("messed", messed)] {
            if trace.bytes != script.said { return "seed \(seed), \(name): other bytes than were said" }
            if trace.holes != [[], []] { return "seed \(seed), \(name): holes \(trace.holes)" }
            if trace.conflicts != [[], []] { return "seed \(seed), \(name): conflicts \(trace.conflicts)" }
        }
        return whole.client == messed.client && whole.ending == messed.ending
            ? nil : "seed \(seed): the connection's opening or ending differ"
    }

    /// Sequence numbers begin anywhere, half of the time just before they wrap.
    private static func connection(_ generator: inout SplitMix64) -> TCPScript {
        var initial: [UInt32] = []
        for _ in 0..<2 {
            let isLate = Bool.random(using: &generator)
            initial.append(.random(in: (isLate ? .max - 20_000 : 0) ... .max, using: &generator))
        }
        var script = TCPScript(initial: initial)
        if Bool.random(using: &generator) { script.handshake() }
        for _ in 0..<Int.random(in: 1...30, using: &generator) {
            let count = Int.random(in: 1...4000, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            script.say(
                bytes, Bool.random(using: &generator) ? .lower : .higher,
                segment: .random(in: 100...1460, using: &generator), isAcknowledged: Bool.random(using: &generator))
        }
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            script.finish(.lower)
            script.finish(.higher)
        case 1: script.reset(.lower)
        default: break
        }
        return script
    }

    /// Whatever the packets are, what is held stays within its bounds, and what is told follows on what was told.
    private static func arbitrary(_ input: ArraySlice<UInt8>) -> String? {
        var limits = CaptureLimits()
        (limits.behindHole, limits.piecesBehindHole, limits.unacknowledged) = (300, 8, 100)
        (limits.opening, limits.patience) = (200, 8)
        let trace = ReassemblyTrace(packets(input), limits)
        // Before a limit is seen to be passed, one more packet may have come.
        let bound = 2 * (limits.behindHole + 2 * limits.unacknowledged) + limits.opening + 4 * 255
        return trace.heldMaximum <= bound ? nil : "\(trace.heldMaximum) bytes were held"
    }

    /// Eight bytes of head: sender and flags, three of sequence number's distance from the last, two of acknowledgement's,
    /// payload's length and first byte.
    private static func packets(_ input: ArraySlice<UInt8>) -> [TCPScript.Packet] {
        var rest = input
        var packets: [TCPScript.Packet] = []
        var sequence: [UInt32] = [.max - 100, 0]
        while rest.count >= 8 {
            let head = Array(rest.prefix(8))
            rest = rest.dropFirst(8)
            let sender: FlowSide = head[0] & 0x80 == 0 ? .lower : .higher
            let distance = Int32(bitPattern: UInt32(head[1]) << 24 | UInt32(head[2]) << 16 | UInt32(head[3]) << 8) >> 8
            let wide = head[0] & 0x40 == 0 ? distance >> 12 : distance << 8
            sequence[sender.rawValue] &+= UInt32(bitPattern: wide)
            let acknowledged = sequence[sender.opposite.rawValue] &+ UInt32(head[4]) << 8 | UInt32(head[5])
            let payload = (0..<Int(head[6])).map { head[7] &+ UInt8(truncatingIfNeeded: $0) }
            packets.append(
                TCPScript.Packet(
                    sender: sender, sequence: sequence[sender.rawValue], acknowledgment: acknowledged,
                    flags: TCPScript.Flags(rawValue: head[0] & 0x17), payload: payload))
        }
        return packets
    }
}
