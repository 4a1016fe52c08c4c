import Glibc
import Protocols
import Transport

/// `wiretrail`, the program.
@main
enum Wiretrail {
    static let commands: [Command] = [
        .record, .verify, .keys, .keysTrust, .keysDistrust,
    ]

    static func main() {
        do throws(Failure) {
            switch try ArgumentParser(commands: commands).parse(Array(CommandLine.arguments.dropFirst())) {
            case .help(let command): try help(command)
            case .version: try Output.line("\(Software.name) \(Software.version)")
            case .run(let command, let arguments): start(command, arguments)
            }
            exit(ExitCode.success.rawValue)
        } catch { end(error) }
    }

    private static func help(_ command: Command?) throws(Failure) {
        let page = HelpPage(style: Style())
        try Output.write(command.map(page.page) ?? page.overview(commands))
    }

    /// An asynchronous `main` would not do: libdispatch parks its thread with no signal blocked.
    private static func start(_ command: Command, _ arguments: Arguments) -> Never {
        // Before there are other threads, so that each one keeps them back.
        if command.takesSignals { Signals.block() }
        Task {
            do throws(Failure) { exit(try await command.run(arguments).rawValue) } catch { end(error) }
        }
        while true { pause() }
    }

    private static func end(_ failure: Failure) -> Never {
        Output.report(failure)
        exit(failure.code.rawValue)
    }
}
