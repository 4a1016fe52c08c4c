import Protocols

/// What a client of the control socket asks for.
public enum ControlRequest: Sendable, Equatable {
    /// How the gateway is: one `status` line.
    case status
    /// Who is connected: one `session` line each, in the order of their numbers.
    case sessions
    /// Ends a session's connection.
    case kill(session: UInt64, reason: String)
    /// What waits for an answer: one `question` line each, the oldest first.
    case questions
    /// Decides a question. The one who asked may not.
    case answer(question: UInt64, QuestionAnswer, reason: String)
    /// Reads the configuration again; it takes effect as a whole or not at all.
    case reload
    /// What happens from now on: one `event` line each, until the client closes the connection.
    case follow
}

extension ControlRequest {
    /// Without the line's end.
    public func encoded() -> [UInt8] {
        var members: [String: JSON] = ["v": .integer(ControlProtocol.version)]
        switch self {
        case .status: members["do"] = "status"
        case .sessions: members["do"] = "sessions"
        case .questions: members["do"] = "questions"
        case .reload: members["do"] = "reload"
        case .follow: members["do"] = "follow"
        case .kill(let session, let reason):
            members["do"] = "kill"
            members["session"] = .unsigned(session)
            members["reason"] = .string(reason)
        case .answer(let question, let answer, let reason):
            members["do"] = "answer"
            members["question"] = .unsigned(question)
            members["answer"] = .string(answer.rawValue)
            members["reason"] = .string(reason)
        }
        return JSON.object(members).encoded()
    }

    /// Strict: a member that the request does not have is a mistake, not an extension.
    public init(line: Span<UInt8>) throws(ControlFault) {
        var members = try RequestMembers(line)
        let word = try members.string("do")
        switch word {
        case "status": self = .status
        case "sessions": self = .sessions
        case "questions": self = .questions
        case "reload": self = .reload
        case "follow": self = .follow
        case "kill": self = .kill(session: try members.number("session"), reason: try members.reason())
        case "answer":
            let answer = try members.string("answer")
            guard let answer = QuestionAnswer(rawValue: answer) else {
                throw ControlFault(.badRequest, "an answer is “allow” or “deny”")
            }
            self = .answer(question: try members.number("question"), answer, reason: try members.reason())
        default: throw ControlFault(.badRequest, "“\(DisplayText.line(word, limit: 40))” is no request")
        }
        try members.finish()
    }
}

/// The members of a request's object, taken out one by one.
private struct RequestMembers {
    private var rest: [String: JSON]

    /// Requests are flat.
    private static let depthMaximum = 2
    private static let valuesMaximum = 16

    init(_ line: Span<UInt8>) throws(ControlFault) {
        let value: JSON
        do throws(JSONFault) {
            value = try JSON.parse(line, depth: Self.depthMaximum, values: Self.valuesMaximum)
        } catch {
            throw ControlFault(.badRequest, error.description)
        }
        guard case .object(let members) = value else { throw ControlFault(.badRequest, "a request is a JSON object") }
        rest = members
        guard rest.removeValue(forKey: "v")?.integer == ControlProtocol.version else {
            throw ControlFault(.badRequest, "the request is not of version \(ControlProtocol.version)")
        }
    }

    mutating func string(_ name: String) throws(ControlFault) -> String {
        guard let value = rest.removeValue(forKey: name)?.string else {
            throw ControlFault(.badRequest, "the request needs “\(name)”, a string")
        }
        return value
    }

    mutating func number(_ name: String) throws(ControlFault) -> UInt64 {
        guard let value = rest.removeValue(forKey: name)?.unsigned else {
            throw ControlFault(.badRequest, "the request needs “\(name)”, a number")
        }
        return value
    }

    /// May be left out.
    mutating func reason() throws(ControlFault) -> String {
        guard rest["reason"] != nil else { return "" }
        let reason = try string("reason")
        guard reason.unicodeScalars.count <= ControlProtocol.reasonScalarsMaximum else {
            throw ControlFault(
                .badRequest, "a reason has at most \(ControlProtocol.reasonScalarsMaximum) characters")
        }
        return reason
    }

    func finish() throws(ControlFault) {
        guard let stranger = rest.keys.min() else { return }
        throw ControlFault(.badRequest, "the request has no member “\(DisplayText.line(stranger, limit: 40))”")
    }
}
