import Glibc
import Protocols
import Recorder
import Replayer

extension Command {
    static let raw = Command(
        name: "raw",
        summary: "write one direction's bytes, as the client's side saw them",
        discussion: """
            Secrets that were redacted are filler of the same length. Where the recording has a gap, nothing stands in
            its place; standard error tells of it.
            """,
        operands: [Operand(name: "FILE|SESSION", help: "a .wtr file, or a session by its number or name")],
        options: [.direction, .recordings, .state],
        examples: [
            Example("wiretrail raw 12 --direction client | od -c | head", "how the client began"),
            Example("wiretrail raw 12 --direction server > answers", "all that the client received"),
        ],
        exits: [.unreadable],
        run: { (arguments) throws(Failure) in try RawCommand.run(arguments) })
}

extension Option {
    fileprivate static let direction = Option("direction", "client|server", help: "who sent the bytes")
}

/// Copies a stream to standard output.
private enum RawCommand {
    private enum Sender: String, CaseIterable {
        case client, server
    }

    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        guard let sender = try arguments.choice(.direction, Sender.self) else {
            throw .usage("whose bytes?", "add --direction client or --direction server")
        }
        // What a peer sent may hold sequences that act on a terminal.
        guard isatty(STDOUT_FILENO) == 0 else {
            throw .usage(
                "raw bytes do not belong on a terminal", "pipe them: | od -c | less, or write them to a file: > FILE")
        }
        let path = try SessionFinder(Places(arguments)).path(of: arguments.operands[0])
        let stream = RawStream(path, direction: sender == .client ? .clientToServer : .serverToClient)
        try Output.stream { (write) throws(Failure) in
            do throws(StoreFault) {
                try stream.run(write: write) { Output.log("wiretrail: \(Self.text($0))") }
            } catch { throw Failure(error, code: .unreadable) }
        }
        return .success
    }

    private static func text(_ hole: RawStream.Hole) -> String {
        let length = hole.length.map { "\($0) bytes" } ?? "an unknown number of bytes"
        return "\(length) are missing here: \(DisplayText.line(hole.reason))"
    }
}
