import Protocols

/// Why a statement was not let through, in the words of its client.
final class PostgresRefusal: Sendable {
    /// The rule's name, or what stands for one.
    let rule: String
    let code: String
    let message: String
    let hint: String

    private init(_ rule: String, code: String = "42501", _ message: String, hint: String) {
        self.rule = rule
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// What takes the place of a refused message upstream: it fails there, so that the transaction and everything behind the
    /// message come out as after any failure. Answered here instead, a Sync would commit what came before.
    enum Poison {
        static let text = Array("wiretrail refuses this".utf8)
        /// What the server says to a text that is no SQL, and to a portal that does not exist.
        private static let codes = [Array("42601".utf8), Array("34000".utf8)]

        static let query = PostgresEncoding.query(text)
        /// - Parameter nonce: makes it a portal that no client can have made.
        static func execute(_ nonce: [UInt8]) -> [UInt8] {
            PostgresEncoding.execute(portal: text + [UInt8(ascii: " ")] + Array(Hex.encode(nonce).utf8))
        }
        static func parse(_ name: [UInt8]) -> [UInt8] { PostgresEncoding.parse(name: name, sql: text) }

        /// Whether an error is what the poison causes; a cancelled or ended session says something else.
        static func caused(_ error: PostgresMessage.Diagnostic, _ bytes: Span<UInt8>) -> Bool {
            guard let code = error.text(.code, in: bytes) else { return false }
            return codes.contains([UInt8](copying: bytes.extracting(code)))
        }
    }

    var errorResponse: [UInt8] {
        PostgresEncoding.errorResponse(
            PostgresEncoding.Diagnostic(severity: "ERROR", code: code, message: message, hint: hint))
    }
}

extension PostgresRefusal {
    private static let usualHint = "Ask whoever keeps the rules of this gateway."

    convenience init(_ rule: Rule?, _ cause: Judgement.Cause) {
        let message =
            switch (rule, cause) {
            case (let rule?, .unseen(let reason)):
                "rule \"\(rule.name)\" may apply, and this cannot be told: \(reason)"
            case (let rule?, _): "rule \"\(rule.name)\" does not allow \(cause)"
            case (nil, .unseen(let reason)): "no rule allows this: \(reason)"
            case (nil, _): "no rule allows \(cause)"
            }
        self.init(rule?.name ?? "default", message, hint: rule?.message ?? Self.usualHint)
    }

    /// - Parameter rule: the one that asked.
    convenience init?(_ answer: Answer, to rule: String) {
        let asked = "rule \"\(rule)\" asked, and"
        switch answer {
        case .allowed: return nil
        case .denied(let by, let reason):
            let why = reason.isEmpty ? "" : ": \(reason)"
            self.init(rule, "\(asked) \(by) denied it\(why)", hint: Self.usualHint)
        case .expired: self.init(rule, "\(asked) nobody answered in time", hint: Self.usualHint)
        case .unanswerable: self.init(rule, "\(asked) nobody can answer now", hint: Self.usualHint)
        case .cancelled:
            self.init(
                rule, code: "57014", "canceling statement due to user request",
                hint: "It was waiting for the answer that rule \"\(rule)\" demands.")
        }
    }
}
