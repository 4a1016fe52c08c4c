import Protocols

/// Why a statement was not let through, in the words of its client.
struct PostgresRefusal: Sendable, Equatable {
    /// The rule's name, or what stands for one.
    var rule: String
    var code = "42501"
    var message: String
    var hint: String

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
    init(_ rule: Rule?, _ cause: Judgement.Cause) {
        self.rule = rule?.name ?? "default"
        hint = rule?.message ?? "Ask whoever keeps the rules of this gateway."
        switch (rule, cause) {
        case (let rule?, .unseen(let reason)):
            message = "rule \"\(rule.name)\" may apply, and this cannot be told: \(reason)"
        case (let rule?, _): message = "rule \"\(rule.name)\" does not allow \(cause)"
        case (nil, .unseen(let reason)): message = "no rule allows this: \(reason)"
        case (nil, _): message = "no rule allows \(cause)"
        }
    }

    /// - Parameter rule: the one that asked.
    init?(_ answer: Answer, to rule: String) {
        self.rule = rule
        hint = "Ask whoever keeps the rules of this gateway."
        switch answer {
        case .allowed: return nil
        case .denied(let by, let reason):
            message = "rule \"\(rule)\" asked, and \(by) denied it" + (reason.isEmpty ? "" : ": \(reason)")
        case .expired: message = "rule \"\(rule)\" asked, and nobody answered in time"
        case .unanswerable: message = "rule \"\(rule)\" asks, and nobody can answer now"
        case .cancelled:
            code = "57014"
            message = "canceling statement due to user request"
            hint = "It was waiting for the answer that rule \"\(rule)\" demands."
        }
    }
}
