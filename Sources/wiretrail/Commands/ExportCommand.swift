import Glibc
import Recorder
import Replayer

extension Command {
    static let export = Command(
        name: "export",
        summary: "take a session into the tools that others use",
        discussion: """
            pcapng: a capture with synthesized TCP, for Wireshark. docs/export.md says what each format holds, and what
            it leaves out. Redacted secrets stay redacted.
            """,
        operands: [Operand(name: "SESSION|FILE", help: "a session by its number or name, or a .wtr file")],
        options: [.format, .output, .recordings, .state],
        examples: [
            Example("wiretrail export 12 --format pcapng --output 12.pcapng", "session 12, for Wireshark"),
            Example("wiretrail export 12 --format pcapng | tshark -r -", "read by tshark at once"),
        ],
        exits: [.unreadable],
        run: { (arguments) throws(Failure) in try ExportCommand.run(arguments) })
}

extension Option {
    fileprivate static let format = Option("format", "pcapng", help: "what to make of it")
    fileprivate static let output = Option(
        "output", "FILE", help: "a new file to write to (default: standard output)")
}

/// Writes one session in the format of another tool.
private enum ExportCommand {
    private enum Format: String, CaseIterable {
        case pcapng
    }

    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        guard let format = try arguments.choice(.format, Format.self) else {
            let formats = Format.allCases.map(\.rawValue).joined(separator: ", ")
            throw .usage("which format?", "add --format, one of: \(formats)")
        }
        let path = try SessionFinder(Places(arguments)).path(of: arguments.operands[0])
        guard let name = arguments[.output] else {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw .usage("an export does not belong on a terminal", "write it to a file: --output FILE")
            }
            try Output.stream { (write) throws(Failure) in try export(path, format, write) }
            return .success
        }
        try writeFile(name) { (write) throws(Failure) in try export(path, format, write) }
        return .success
    }

    private static func export(
        _ path: String, _ format: Format, _ write: (Span<UInt8>) -> Bool
    ) throws(Failure) {
        do throws(StoreFault) {
            switch format {
            case .pcapng: try CaptureExport(path).run(write: write)
            }
        } catch { throw Failure(error, code: .unreadable) }
    }

    /// Lets `body` write to a new file, which goes again when that fails.
    private static func writeFile(
        _ path: String, _ body: (_ write: (Span<UInt8>) -> Bool) throws(Failure) -> Void
    ) throws(Failure) {
        var file: ExportFile
        do throws(StoreFault) { file = try ExportFile(path) } catch { throw Failure(error) }
        var fault: StoreFault?
        try body { bytes in
            do throws(StoreFault) { try file.write(bytes) } catch { fault = error }
            return fault == nil
        }
        if let fault { throw Failure(fault) }
        file.finish()
    }
}
