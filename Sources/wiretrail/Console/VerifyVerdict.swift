import Protocols
import Recorder

/// A result of verification in words.
struct VerifyVerdict: Sendable {
    /// The longest of the words.
    static let width = 14

    let word: String
    let code: ExitCode
    let details: String
    var remedy = ""

    static let missing = VerifyVerdict(
        word: "MISSING", code: .altered, details: "the ledger or its neighbours' numbers tell of it, and it is not here"
    )

    static let begun = VerifyVerdict(
        word: "incomplete", code: .incomplete, details: "has just begun, and lies in the journal of a gateway that runs"
    )

    static func name(_ sessions: ClosedRange<UInt64>) -> String {
        sessions.count == 1
            ? "session \(sessions.lowerBound)" : "sessions \(sessions.lowerBound) to \(sessions.upperBound)"
    }

    /// What a recording says of itself, where that can be told.
    static func facts(_ report: RecordingReport) -> [String] {
        var facts: [String] = []
        if let start = report.start { facts.append("session \(start.sessionNumber) to \(start.target)") }
        if let end = report.end {
            let (sent, received) = (end.offsets.clientToServer, end.offsets.serverToClient)
            facts.append("\(end.records) records, \(sent) bytes sent, \(received) received")
            if end.cause == .interrupted { facts.append("sealed after an interruption") }
        }
        return facts
    }
}

extension VerifyVerdict {
    init(_ result: VerificationResult) {
        switch result {
        case .holds(let signer): self.init(word: "holds", code: .success, details: "signed by \(signer)")
        case .altered(let finding): self.init(word: "ALTERED", code: .altered, details: "\(finding)")
        case .incomplete(let finding, let isLive):
            self.init(
                word: "incomplete", code: .incomplete, details: "\(finding)",
                remedy: isLive
                    ? "a gateway is still at it: verify it again once the connection has ended"
                    : "if its gateway was killed, the next `wiretrail record` with the same folders seals it")
        case .unknownSigner(let key):
            self.init(
                word: "unknown signer", code: .unknownSigner, details: "all fits a signature by \(key)",
                remedy: "is that name known to you? then: wiretrail keys trust FILE, or verify --key FILE")
        case .unreadable(let fault):
            let failure = Failure(fault)
            self.init(word: "unreadable", code: .unreadable, details: failure.cause, remedy: failure.remedy)
        }
    }
}
