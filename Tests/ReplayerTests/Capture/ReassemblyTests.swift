import Replayer
import Testing
import WireTestKit

private func text(_ trace: ReassemblyTrace, _ side: FlowSide) -> String {
    String(decoding: trace.bytes[side.rawValue], as: UTF8.self)
}

@Suite struct ReassemblyTests {
    private let limits: CaptureLimits = {
        var limits = CaptureLimits()
        limits.patience = 4
        return limits
    }()

    @Test func `the same bytes come of packets in whatever order, split, repeated and overlapping`() {
        let seed = environment("WIRETRAIL_SEED").flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
        for index in 0..<200 { #expect(ReassemblyProperties.messed(seed: seed &+ UInt64(index)) == nil) }
    }

    @Test func `sequence numbers wrap any number of times`() {
        var script = TCPScript(initial: [.max - 5, .max])
        script.handshake()
        script.say(Array("0123456789".utf8), .lower, segment: 3)
        script.say(Array("answer".utf8), .higher, segment: 1)
        let trace = ReassemblyTrace(script.packets)
        #expect(text(trace, .lower) == "0123456789")
        #expect(text(trace, .higher) == "answer")
        #expect(trace.holes == [[], []])
    }

    @Test func `the first bytes win, and what contradicts them is told`() {
        var script = TCPScript()
        script.handshake()
        script.say(Array("GOOD".utf8), .lower, isAcknowledged: false)
        script.append(
            .init(sender: .lower, sequence: 1001, acknowledgment: 5001, flags: [.ack], payload: Array("EVIL".utf8)))
        let trace = ReassemblyTrace(script.packets)
        #expect(text(trace, .lower) == "GOOD")
        #expect(trace.conflicts == [[0..<4], []])
    }

    @Test func `the first bytes win behind a hole, too, and fill what they leave`() {
        var script = TCPScript()
        script.handshake()
        let packets = [(1005, "efgh"), (1003, "CDEFGHIJ"), (1001, "ab")].map {
            TCPScript.Packet(
                sender: .lower, sequence: $0, acknowledgment: 5001, flags: [.ack], payload: Array($1.utf8))
        }
        packets.forEach { script.append($0) }
        let trace = ReassemblyTrace(script.packets)
        #expect(text(trace, .lower) == "abCDefghIJ")
        #expect(trace.conflicts == [[4..<8], []])
        #expect(trace.holes == [[], []])
    }

    @Test(arguments: 1...9)
    func `what contradicts is found wherever a capture's blocks end`(_ packetsPerBlock: Int) {
        var script = TCPScript()
        script.handshake()
        script.say(Array("GOODBYE".utf8), .lower, segment: 2, isAcknowledged: false)
        for (sequence, text) in [(1012, "late"), (1008, "then"), (1002, "EVIL TEN"), (1004, "D")] {
            script.append(
                .init(
                    sender: .lower, sequence: UInt32(sequence), acknowledgment: 5001, flags: [.ack],
                    payload: Array(text.utf8)))
        }
        let trace = ReassemblyTrace(script.packets, packetsPerBlock: packetsPerBlock)
        #expect(text(trace, .lower) == "GOODBYEthenlate")
        #expect(trace.conflicts == [[1..<9], []])
    }

    @Test func `a repetition with the same bytes is no conflict, nor is a keep-alive's odd byte`() {
        var script = TCPScript()
        script.handshake()
        script.say(Array("hello".utf8), .lower, isAcknowledged: false)
        for (sequence, bytes) in [(1001, "hello"), (1002, "ello"), (1005, "?"), (1005, "")] as [(UInt32, String)] {
            script.append(
                .init(
                    sender: .lower, sequence: sequence, acknowledgment: 5001, flags: [.ack], payload: Array(bytes.utf8))
            )
        }
        let trace = ReassemblyTrace(script.packets)
        #expect(text(trace, .lower) == "hello")
        #expect(trace.conflicts == [[], []])
    }

    @Test func `bytes that were acknowledged and never captured are a hole`() {
        var script = TCPScript()
        script.handshake()
        script.say(Array("one".utf8), .lower)
        script.say(Array("two".utf8), .lower)
        for _ in 0..<8 { script.say(Array("x".utf8), .higher) }
        var packets = script.packets
        packets.remove(at: 5)
        let trace = ReassemblyTrace(packets, limits)
        #expect(trace.bytes[0] == Array("one".utf8) + [0, 0, 0])
        #expect(trace.holes == [[3..<6], []])
    }

    @Test func `a direction that was not captured is a hole as long as its acknowledgements`() {
        var script = TCPScript()
        script.handshake()
        script.say(Array("question".utf8), .lower)
        script.say([UInt8](repeating: 1, count: 5000), .higher)
        script.finish(.lower)
        let trace = ReassemblyTrace(script.packets.filter { $0.sender == .lower }, limits)
        #expect(text(trace, .lower) == "question")
        #expect(trace.holes == [[], [0..<5000]])
        #expect(trace.client == .lower)
    }

    @Test func `a connection that began before the capture begins with its first bytes in it`() {
        var script = TCPScript()
        script.say(Array("middle".utf8), .higher, segment: 2)
        script.say(Array("reply".utf8), .lower, segment: 2)
        var packets = script.packets
        packets.swapAt(0, 2)
        let trace = ReassemblyTrace(packets)
        #expect(text(trace, .higher) == "middle")
        #expect(text(trace, .lower) == "reply")
        #expect(trace.client == nil)
        #expect(trace.holes == [[], []])
    }

    @Test(arguments: [["fin"], ["rst"], []])
    func `how a connection ended is told`(_ how: [String]) {
        var script = TCPScript()
        script.handshake()
        script.say(Array("x".utf8), .lower)
        if how == ["fin"] {
            script.finish(.lower)
            script.finish(.higher)
        }
        if how == ["rst"] { script.reset(.higher) }
        let expected = how == ["fin"] ? "closed" : how == ["rst"] ? "reset" : "open"
        #expect(ReassemblyTrace(script.packets).ending == expected)
    }

    @Test func `a FIN that was not captured leaves no hole`() {
        var script = TCPScript()
        script.handshake()
        script.say(Array("bye".utf8), .higher)
        script.finish(.higher)
        let trace = ReassemblyTrace(script.packets.filter { !$0.flags.contains(.fin) }, limits)
        #expect(trace.holes == [[], []])
    }

    @Test func `what waits behind a hole is bounded`() {
        var script = TCPScript()
        script.handshake()
        for index in 0..<10_000 {
            script.append(
                .init(
                    sender: .lower, sequence: 2000 + UInt32(index) * 1000, acknowledgment: 5001, flags: [.ack],
                    payload: [UInt8](repeating: 7, count: 999)))
        }
        let trace = ReassemblyTrace(script.packets)
        #expect(trace.heldMaximum < 2 << 20)
        #expect(trace.holes[0].count == 10_000)
    }
}
