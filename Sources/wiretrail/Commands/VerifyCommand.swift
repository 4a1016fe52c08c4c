import Glibc
import Protocols
import Recorder

extension Command {
    static let verify = Command(
        name: "verify",
        summary: "prove that recordings are complete and unchanged",
        discussion: """
            Checks every stored byte against the signed tree hash, and says where the first difference is. A folder is
            checked with its ledger, which also tells of recordings that are missing. Several results: the exit code is
            the gravest one, in the order altered, unreadable, incomplete, unknown signer.
            """,
        operands: [
            Operand(
                name: "FILE|DIR|SESSION",
                help: "a .wtr file, a folder of recordings, or a session by its number or name", isRepeated: true)
        ],
        options: [.key, .recordings, .state],
        examples: [
            Example("wiretrail verify 12", "session 12"),
            Example("wiretrail verify ~/.local/share/wiretrail/recordings", "all recordings and their ledger"),
            Example("wiretrail verify --key gateway.pem evidence/", "on another machine, trusting that key alone"),
        ],
        exits: [.altered, .incomplete, .unknownSigner, .unreadable],
        run: { (arguments) async throws(Failure) in try await VerifyCommand(arguments).run() })
}

extension Option {
    fileprivate static let key = Option(
        "key", "FILE", help: "trust this public key (PEM), and not the trusted keys of the state folder",
        isRepeatable: true)
}

/// Verifies one thing after the other, and tells the gravest result.
private struct VerifyCommand {
    let arguments: Arguments
    let places: Places
    let verifier: Verifier
    let style = Style()

    init(_ arguments: Arguments) throws(Failure) {
        self.arguments = arguments
        places = try Places(arguments)
        var given: [TrustedKey] = []
        for path in arguments.all(.key) { given.append(try KeyFile.read(path)) }
        verifier = Verifier(trust: given.isEmpty ? try places.trust() : TrustStore(given))
    }

    func run() async throws(Failure) -> ExitCode {
        var gravest = ExitCode.success
        for word in arguments.operands {
            let result = try await verify(word)
            gravest = Self.graver(gravest, result)
        }
        return gravest
    }

    private func verify(_ word: String) async throws(Failure) -> ExitCode {
        if FileKind(of: word) == .folder { return try await verify(folder: word) }
        let path = try SessionFinder(places).path(of: word)
        let report = await verifier.verify(largeRecording: path)
        try tell(report)
        return VerifyVerdict(report.result).code
    }

    private func verify(folder: String) async throws(Failure) -> ExitCode {
        let report: FolderReport
        do throws(StoreFault) { report = try await verifier.verify(folder: folder) } catch {
            throw Failure(error, code: .unreadable)
        }
        guard !report.recordings.isEmpty || !report.missing.isEmpty else {
            throw Failure(
                .unreadable, "there are no recordings in \(folder)", "name the folder that --recordings named")
        }
        for recording in report.recordings { try tell(recording) }
        for sessions in report.missing {
            let name =
                sessions.count == 1
                ? "session \(sessions.lowerBound)" : "sessions \(sessions.lowerBound) to \(sessions.upperBound)"
            try line(
                VerifyVerdict(.missing(session: sessions.lowerBound)), name,
                "in the ledger or between its neighbours, but not here")
        }
        let ledger = VerifyVerdict(report.ledger)
        try line(ledger, "\(folder)/ledger.jsonl", ledger.details)
        let held = report.recordings.count { $0.result.holds }
        try Output.line(
            "\(held) of \(report.recordings.count) recordings hold"
                + (report.missing.isEmpty ? "" : ", and some are missing"))
        let codes = report.recordings.map { VerifyVerdict($0.result).code } + [ledger.code]
        return codes.reduce(report.missing.isEmpty ? .success : .altered, Self.graver)
    }

    private func tell(_ report: RecordingReport) throws(Failure) {
        let verdict = VerifyVerdict(report.result)
        try line(
            verdict, report.path,
            [VerifyVerdict.facts(report), verdict.details].filter { !$0.isEmpty }.joined(separator: "; "))
    }

    private func line(_ verdict: VerifyVerdict, _ name: String, _ details: String) throws(Failure) {
        let word = verdict.word.padding(to: 14)
        let painted =
            verdict.code == .success
            ? style.good(word) : verdict.code == .altered ? style.bad(word) : style.doubtful(word)
        try Output.line(
            "\(painted) \(DisplayText.line(name))"
                + (details.isEmpty ? "" : "\n               " + style.faint(DisplayText.line(details))))
        if verdict.code != .success, !verdict.remedy.isEmpty { try Output.line("               " + verdict.remedy) }
    }

    private static func graver(_ left: ExitCode, _ right: ExitCode) -> ExitCode {
        let order: [ExitCode] = [.success, .unknownSigner, .incomplete, .unreadable, .altered]
        return (order.firstIndex(of: left) ?? 0) >= (order.firstIndex(of: right) ?? 0) ? left : right
    }
}

/// A result of verification in words.
struct VerifyVerdict: Sendable {
    let word: String
    let code: ExitCode
    let details: String
    let remedy: String

    init(_ result: VerificationResult) {
        switch result {
        case .holds(let signer): (word, code, details, remedy) = ("holds", .success, "signed by \(signer)", "")
        case .altered(let finding): (word, code, details, remedy) = ("ALTERED", .altered, "\(finding)", "")
        case .incomplete(let finding, let isLive):
            (word, code, details) = ("incomplete", .incomplete, "\(finding)")
            remedy =
                isLive
                ? "a gateway still writes it: verify it once the connection has ended"
                : "if its gateway was killed, the next `wiretrail record` with the same folders seals it"
        case .unknownSigner(let key):
            (word, code, details) = ("unknown signer", .unknownSigner, "all fits a signature by \(key)")
            remedy = "is that name known to you? then: wiretrail keys trust FILE, or verify --key FILE"
        case .missing(let session):
            (word, code, details, remedy) = ("MISSING", .altered, "session \(session)", "")
        case .unreadable(let fault):
            let failure = Failure(fault)
            (word, code, details, remedy) = ("unreadable", .unreadable, failure.cause, failure.remedy)
        }
    }

    /// What a recording says of itself, where that can be told.
    static func facts(_ report: RecordingReport) -> String {
        var facts: [String] = []
        if let start = report.start { facts.append("session \(start.sessionNumber) to \(start.target)") }
        if let end = report.end {
            facts.append(
                "\(end.records) records, \(end.offsets.clientToServer) bytes in, \(end.offsets.serverToClient) out")
            if end.cause == .interrupted { facts.append("sealed after an interruption") }
        }
        return facts.joined(separator: "; ")
    }
}
