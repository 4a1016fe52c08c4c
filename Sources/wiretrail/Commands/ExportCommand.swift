import Adapters
import Glibc
import Protocols
import Recorder
import Replayer
import Transport

extension Command {
    static let export = Command(
        name: "export",
        summary: "take a session into the tools that others use",
        discussion: """
            html: one page for any browser, which loads nothing from anywhere: who, when, what, outcomes, decisions; with
            search and filters. har: requests and responses of HTTP, as browsers log them. pcapng: a capture with synthesized TCP, for Wireshark. sql: what a Postgres client asked
            for, as a script for psql. files: copied data, long values and bodies, as files in a new folder, named by their
            SHA-256, with a manifest. The connections of one MCP session are exported together: a session's number or key
            means all of them, a recording's name or file that one alone. docs/export.md says what each format holds, and what it leaves out. Redacted secrets
            stay redacted.
            """,
        operands: [Operand(name: "SESSION|FILE", help: "a session by its number or name, or a .wtr file")],
        options: [.format, .output, .recordings, .state],
        examples: [
            Example("wiretrail export 12 --format html --output 12.html", "session 12, for a browser"),
            Example("wiretrail export 12 --format pcapng --output 12.pcapng", "for Wireshark"),
            Example("wiretrail export 12 --format pcapng | tshark -r -", "read by tshark at once"),
            Example(
                "wiretrail export 12 --format sql --output 12.sql", "to be run again in a sandbox: psql -X -f 12.sql"),
            Example(
                "wiretrail export 12 --format files --output 12.files", "what it carried, into the new folder 12.files"),
        ],
        exits: [.unreadable],
        run: { (arguments) async throws(Failure) in try await ExportCommand(arguments).run() })
}

extension Option {
    fileprivate static let format = Option("format", "html|har|pcapng|sql|files", help: "what to make of it")
    fileprivate static let output = Option(
        "output", "FILE", help: "a new file to write to, or a new folder for files (default: standard output)")
}

/// Writes one session in the format of another tool.
private struct ExportCommand {
    private enum Format: String, CaseIterable {
        case html, har, pcapng, sql, files
    }

    let places: Places
    let session: RecordedSession
    let output: String?
    private let format: Format

    init(_ arguments: Arguments) throws(Failure) {
        guard let format = try arguments.choice(.format, Format.self) else {
            let formats = Format.allCases.map(\.rawValue).joined(separator: ", ")
            throw .usage("which format?", "add --format, one of: \(formats)")
        }
        self.format = format
        output = arguments[.output]
        guard output != nil || format == .files || isatty(STDOUT_FILENO) == 0 else {
            throw .usage("an export does not belong on a terminal", "write it to a file: --output FILE")
        }
        places = try Places(arguments)
        let (finder, word) = (SessionFinder(places), arguments.operands[0])
        session =
            if let shared = try finder.sharedSession(of: word) {
                RecordedSession(shared.paths, key: shared.key)
            } else {
                RecordedSession(try finder.path(of: word))
            }
    }

    func run() async throws(Failure) -> ExitCode {
        switch format {
        case .html:
            var page = PageExport(session, seal: try await seal())
            if let output {
                let names = NumberedName(output)
                page.pageName = { names.fileName($0) }
            }
            try write { (write) throws(StoreFault) in try page.run(write: write) }
        case .har: try log()
        case .files: try extract()
        case .sql:
            try write { (write) throws(StoreFault) in try SQLExport(session).run { write(1, $0) } }
        case .pcapng:
            try write { (write) throws(StoreFault) in try CaptureExport(session).run { write(1, $0) } }
        }
        return .success
    }

    private func log() throws(Failure) {
        let export = HARExport(session)
        let other: ProtocolID?
        do throws(StoreFault) { other = try export.otherProtocol() } catch {
            throw Failure(error, code: .unreadable)
        }
        if let other {
            throw Failure(
                "the session holds \(other.rawValue), and a HAR file only HTTP",
                "--format html and pcapng take every protocol, sql Postgres")
        }
        try write { (write) throws(StoreFault) in try export.run { write(1, $0) } }
    }

    private func extract() throws(Failure) {
        guard let output else {
            throw .usage("files need a folder", "name one that does not exist yet: --output DIR")
        }
        do throws(StoreFault) { try FilesExport(session).run(into: output) } catch { throw Failure(error) }
    }

    /// What verification by the trusted keys says now, of all recordings.
    private func seal() async throws(Failure) -> PageSeal {
        let verifier = Verifier(trust: try places.trust())
        var worst: (verdict: VerifyVerdict, path: String)?
        for path in session.paths {
            let verdict = VerifyVerdict(await verifier.verify(largeRecording: path).result)
            if worst.map({ Self.rank(verdict) > Self.rank($0.verdict) }) ?? true { worst = (verdict, path) }
        }
        guard let (verdict, path) = worst else { throw Failure("the session has no recordings", "") }
        let now = UTCDate(wallNanoseconds: Timestamp.current().wallNanoseconds)
        let whose = session.paths.count == 1 ? "" : " (of \(session.paths.count) recordings the worst is \(path))"
        let text =
            "Verified on \(now.day8601) at \(now.time8601.prefix(8)) UTC: \(verdict.details)\(whose). "
            + "This page is a view, and not signed itself: the recording is the proof."
        return switch verdict.code {
        case .success: PageSeal(.holds, title: "Complete and unchanged", text: text)
        case .altered: PageSeal(.altered, title: "The recording was altered", text: text)
        default: PageSeal(.doubtful, title: "Not proven: \(verdict.word)", text: text)
        }
    }

    private static func rank(_ verdict: VerifyVerdict) -> Int {
        switch verdict.code {
        case .success: 0
        case .altered: 2
        default: 1
        }
    }

    private func write(
        _ export: (_ write: (_ file: Int, Span<UInt8>) -> Bool) throws(StoreFault) -> Void
    ) throws(Failure) {
        var sink = ExportSink(output.map(NumberedName.init))
        do throws(StoreFault) { try export { sink.write($0, $1) } } catch {
            throw Failure(error, code: .unreadable)
        }
        try sink.finish()
    }
}
