import Protocols

/// What the client of calls that wait for a person's answer is told in an event stream, so that it goes on waiting.
struct SignsOfLife: Sendable, Equatable {
    /// Those that wait.
    var calls: [RPCCall]
    private var message = ""
    private var stepCount = 0

    init(_ calls: [RPCCall]) { self.calls = calls }

    /// What they wait for from now on.
    mutating func ask(_ question: Question, number: UInt64) {
        message = "waiting for an answer to question \(number), which rule \(question.rule) asks: \(question.title)"
    }

    /// A comment, and the progress of each call that asked for it.
    mutating func events() -> [UInt8] {
        var events = SSEEvent.encode(comment: "waiting")
        stepCount += 1
        for call in calls {
            guard let token = call.progressToken else { continue }
            // It increases with each step (MCP, "Progress"), and stays below all that the server will say.
            let progress: JSON = .double(Double(stepCount) / 1_000_000)
            let params: JSON = .object(["progressToken": token, "progress": progress, "message": .string(message)])
            let text: JSON = .object(["jsonrpc": "2.0", "method": "notifications/progress", "params": params])
            events += SSEEvent.encode(text.encoded().span, type: "message")
        }
        return events
    }
}
