import Adapters
import Protocols
import Recorder
import Replayer

extension Command {
    static let `import` = Command(
        name: "import",
        summary: "make recordings of a packet capture",
        discussion: """
            Each TCP connection that said something becomes a recording, signed and in the ledger like one that a gateway
            made, so that timeline, search, export and verify work on it. It names the capture by its SHA-256. Passwords,
            keys, credentials and cookies of Postgres and HTTP are filler, as in a gateway's recordings; all other bytes
            stay as they were captured. No gateway may be recording to the same folders.
            """,
        operands: [Operand(name: "FILE", help: "a capture: pcap or pcapng, gzip or not", isRepeated: true)],
        options: [.protocolNames, .decodeAs, .keepSecrets, .recordings, .state],
        examples: [
            Example("wiretrail import incident.pcapng", "all of its connections"),
            Example("wiretrail import day.pcap.gz --protocol postgres --recordings case-17", "some, elsewhere"),
        ],
        exits: [.unreadable, .nothingFound],
        run: { (arguments) async throws(Failure) in try ImportCommand(arguments).run() })
}

extension Option {
    fileprivate static let keepSecrets = Option(
        "keep-secrets", help: "leave passwords and credentials as they were captured; every recording says so")
}

/// Imports one capture after the other.
private struct ImportCommand {
    let arguments: Arguments
    let importer: CaptureImporter

    init(_ arguments: Arguments) throws(Failure) {
        self.arguments = arguments
        let places = try Places(arguments)
        var importer = CaptureImporter(state: places.statePath, recordings: places.recordingsPath)
        importer.context.forced = try CaptureArguments.forced(arguments)
        importer.keepsSecrets = arguments.has(.keepSecrets)
        importer.protocols = try CaptureArguments.protocols(arguments)
        self.importer = importer
    }

    func run() throws(Failure) -> ExitCode {
        var code = ExitCode.success
        for path in arguments.operands {
            let outcome = try read(path)
            let count = outcome.recordings.count
            try Output.line(
                "\(path): \(count) recording\(count == 1 ? "" : "s"), SHA-256 \(Hex.encode(outcome.sha256))")
            for recording in outcome.recordings { try Output.line("  \(recording)") }
            if let failure = outcome.failure {
                Output.report(CaptureArguments.failure(failure))
                code = .unreadable
            } else if count == 0, code == .success {
                code = .nothingFound
            }
        }
        return code
    }

    private func read(_ path: String) throws(Failure) -> CaptureImporter.Outcome {
        guard path != "-" else {
            throw .usage(
                "a recording names its capture by the file's SHA-256, and standard input is no file",
                "write it to a file first: tcpdump -w capture.pcap")
        }
        let bar = ProgressBar()
        var importer = importer
        importer.progress = { bar.show($0, of: $1) }
        defer { bar.clear() }
        do throws(ImportFailure) { return try importer.run(path) } catch {
            switch error {
            case .capture(let failure): throw CaptureArguments.failure(failure)
            case .recorder(.store(let fault)): throw Failure(fault)
            case .recorder(let failure):
                throw Failure("\(failure)", "or import to folders of their own: --recordings DIR --state DIR")
            }
        }
    }
}
