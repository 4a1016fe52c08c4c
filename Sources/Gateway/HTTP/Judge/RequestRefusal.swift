import Protocols

/// Why a request was not let through, in the words of its client.
///
/// MCP clients end their whole session over a status of 400 or above, and show a model what a tool answers. So a refused
/// call of a tool is answered as a tool that failed, and any other call with a JSON-RPC error, both with status 200.
struct RequestRefusal: Sendable, Equatable {
    /// Outside of what JSON-RPC 2.0 §5.1 and MCP reserve (-32768 to -32000).
    static let code: Int64 = 403

    /// The rule's name, or what stands for one.
    let rule: String
    let sentence: String

    init(_ rule: Rule?, _ cause: Judgement.Cause) {
        self.rule = rule?.name ?? "default"
        let reason = rule?.message.map { ": \($0)" } ?? ""
        sentence = rule.map { "rule \"\($0.name)\" does not allow \(cause)\(reason)" } ?? "no rule allows \(cause)"
    }

    /// What became of a question that the rule asked; `nil` when it was allowed.
    init?(_ answer: Answer, to rule: String) {
        self.rule = rule
        switch answer {
        case .allowed: return nil
        case .denied(_, let reason):
            sentence = "rule \"\(rule)\" asked, and the answer was no" + (reason.isEmpty ? "" : ": \(reason)")
        case .expired: sentence = "rule \"\(rule)\" asked, and nobody answered in time"
        case .unanswerable: sentence = "rule \"\(rule)\" asked, and there was nobody to answer"
        case .cancelled: sentence = "rule \"\(rule)\" asked, and the request was cancelled"
        }
    }

    /// For the recording.
    var text: String { "rule \(rule): \(sentence)" }

    // MARK: Answers

    /// To a request that holds no calls, or none that can be seen.
    var answer: HTTPAnswer { .problem(403, "Forbidden", sentence) }

    /// To a request that holds calls, all of which are refused.
    ///
    /// - Parameter refusals: for each call, what refuses it.
    static func answer(_ calls: [RPCCall], isBatch: Bool, _ refusals: [RequestRefusal?]) -> HTTPAnswer {
        let answers = zip(calls, refusals).compactMap { call, refusal in refusal?.message(to: call) }
        // Nobody answers notifications (JSON-RPC 2.0 §4.1).
        guard let first = answers.first else { return HTTPAnswer(202) }
        return .json(200, (isBatch ? .array(answers) : first).encoded())
    }

    /// The JSON-RPC message that answers one call; `nil` for a notification.
    func message(to call: RPCCall) -> JSON? {
        guard let id = call.id else { return nil }
        guard call.tool != nil else {
            let error: JSON = .object(["code": .integer(Self.code), "message": .string(sentence)])
            return .object(["jsonrpc": "2.0", "id": id, "error": error])
        }
        let text: JSON = .object(["type": "text", "text": .string(sentence)])
        let result: JSON = .object(["content": .array([text]), "isError": true])
        return .object(["jsonrpc": "2.0", "id": id, "result": result])
    }
}
