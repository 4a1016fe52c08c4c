import Gateway
import Protocols

/// Lines that end in a newline; a line that starts with `#N ` announces N raw bytes that follow it. Exists only here:
/// whatever plugs in for a real protocol can be plugged in from outside.
struct ToyDecoder: WireDecoder {
    enum Message: Sendable, Equatable {
        case line
        case bulk(Int)
    }

    private var bodyLeft: [2 of Int] = [0, 0]

    init(limits: WireLimits) {}

    mutating func step(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<Message> {
        let lane = direction.slot
        if bodyLeft[lane] > 0 {
            let length = min(bodyLeft[lane], bytes.count)
            bodyLeft[lane] -= length
            return .body(length: length, isLast: bodyLeft[lane] == 0)
        }
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: 0) else {
            return .needMore(atLeast: bytes.count + 1)
        }
        if bytes[0] == UInt8(ascii: "T") { return .opaque(.tls) }
        if bytes[0] == UInt8(ascii: "E") { return .opaque(.encrypted) }
        if bytes[0] == UInt8(ascii: "!") { throw WireFault(.malformed, "a line may not start with !", direction) }
        guard bytes[0] == UInt8(ascii: "#") else { return .message(.line, length: end + 1) }
        var count = 0
        for index in 1..<end { count = count * 10 + Int(bytes[index] &- 48) }
        bodyLeft[lane] = count
        return .head(.bulk(count), length: end + 1, body: UInt64(count))
    }

    mutating func end(_ direction: Direction) throws(WireFault) -> Step<Message>? { nil }
    mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault) {}
}

/// Judges by the first byte of what a client says: `d` is refused, `r` replaced, `s` swallowed, `?` asked about, `x`
/// redacted after its first byte, `q` ends the connection; all else goes on.
struct ToyPolicy: Interceptor {
    let isAtRest = true
    let announcedEnd: String? = nil

    mutating func judge(
        _ message: ToyDecoder.Message, _ bytes: Span<UInt8>, _ direction: Direction, isWhole: Bool
    ) -> Verdict {
        guard direction == .clientToServer else { return .forward }
        switch message {
        case .bulk(let count): return count > 10 ? .refuse(Reply(Array("too big\n".utf8), rule: "size")) : .forward
        case .line: break
        }
        switch bytes[0] {
        case UInt8(ascii: "d"): return .refuse(Reply(Array("no\n".utf8), rule: "d"))
        case UInt8(ascii: "r"): return .replace(Replacement(Array("new\n".utf8), reason: "edited"))
        case UInt8(ascii: "s"): return .swallow(secrets: [], reason: "not for you")
        case UInt8(ascii: "?"): return .ask(Question(id: 7, rule: "ask", title: "may I?"))
        case UInt8(ascii: "x"): return .forwardRedacted([1..<(bytes.count - 1)], reason: "secret")
        case UInt8(ascii: "q"): return .end(farewell: Array("bye\n".utf8), reason: "quit")
        default: return .forward
        }
    }

    mutating func settle(_ question: Question, _ answer: Answer) -> Verdict {
        if case .allowed = answer { return .forward }
        return .refuse(Reply(Array("no\n".utf8), rule: question.rule))
    }

    func notice(of question: Question, number: UInt64) -> [UInt8] { Array("wait for \(number)\n".utf8) }

    func passesOpaque(_ reason: OpaqueReason) -> Bool { reason == .tls }

    mutating func farewell(_ cause: FarewellCause) -> [UInt8] {
        Array((cause == .upstreamGone ? "gone\n" : "broken\n").utf8)
    }
}
