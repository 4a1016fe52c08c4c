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
            do throws(Failure) { gravest = Self.graver(gravest, try await verify(word)) } catch {
                guard error.code != .brokenPipe else { throw error }
                // The others are verified all the same.
                Output.report(error)
                gravest = Self.graver(gravest, error.code)
            }
        }
        return gravest
    }

    private func verify(_ word: String) async throws(Failure) -> ExitCode {
        if FileKind(of: word) == .folder { return try await verify(folder: word) }
        let path = try SessionFinder(places).path(of: word)
        let report = await verifier.verify(largeRecording: path)
        let verdict = VerifyVerdict(report.result)
        try tell(verdict, path)
        let facts = VerifyVerdict.facts(report) + (verdict.code == .success ? [verdict.details] : [])
        if !facts.isEmpty { try detail(facts.joined(separator: ", ")) }
        return verdict.code
    }

    private func verify(folder: String) async throws(Failure) -> ExitCode {
        let report: FolderReport
        do throws(StoreFault) { report = try await verifier.verify(folder: folder) } catch {
            throw Failure(error, code: .unreadable)
        }
        guard !report.isEmpty else {
            throw Failure(
                .unreadable, "there are no recordings in \(folder)", "name the folder that --recordings named")
        }
        for recording in report.recordings {
            let name = recording.path.dropFirst(folder.count).drop { $0 == "/" }
            let session = recording.start.map { "session \($0.sessionNumber)  " } ?? ""
            try tell(VerifyVerdict(recording.result), session + name)
        }
        for session in report.begun { try tell(.begun, "session \(session)") }
        for sessions in report.missing { try tell(.missing, VerifyVerdict.name(sessions)) }
        let ledger = VerifyVerdict(report.ledger)
        try tell(ledger, "ledger.jsonl")
        let held = report.recordings.count { $0.result.holds }
        try Output.line(
            "\(held) of \(report.recordings.count) recordings hold"
                + (report.missing.isEmpty ? "" : "; \(report.missing.reduce(0) { $0 + $1.count }) are missing")
                + (report.holds ? ", \(ledger.details)" : ""))
        let codes =
            report.recordings.map { VerifyVerdict($0.result).code } + [ledger.code]
            + report.begun.map { _ in .incomplete }
        return codes.reduce(report.missing.isEmpty ? .success : .altered, Self.graver)
    }

    /// The verdict and whom it is on; below it, what is wrong and what helps.
    private func tell(_ verdict: VerifyVerdict, _ name: String) throws(Failure) {
        let word = verdict.word.padding(to: VerifyVerdict.width)
        let painted =
            switch verdict.code {
            case .success: style.good(word)
            case .altered: style.bad(word)
            default: style.doubtful(word)
            }
        try Output.line("\(painted)  \(DisplayText.line(name))")
        if verdict.code != .success { try detail(verdict.details) }
        if !verdict.remedy.isEmpty { try detail(verdict.remedy) }
    }

    private func detail(_ text: String) throws(Failure) {
        try Output.line(String(repeating: " ", count: VerifyVerdict.width + 2) + style.faint(DisplayText.line(text)))
    }

    private static func graver(_ left: ExitCode, _ right: ExitCode) -> ExitCode {
        let order: [ExitCode] = [.success, .unknownSigner, .incomplete, .failed, .unreadable, .altered]
        return (order.firstIndex(of: left) ?? 0) >= (order.firstIndex(of: right) ?? 0) ? left : right
    }
}

extension FolderReport {
    /// Nothing was recorded here, and nobody is about to.
    fileprivate var isEmpty: Bool {
        if case .incomplete(_, isLive: true) = ledger { return false }
        return recordings.isEmpty && missing.isEmpty && begun.isEmpty
    }
}
