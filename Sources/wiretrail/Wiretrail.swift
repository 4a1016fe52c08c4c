import Glibc
import Protocols
import Transport

/// `wiretrail`, the program.
@main
enum Wiretrail {
    static let commands: [Command] = [
        .record, .gateway, .list, .follow, .kill, .questions, .answer, .reload, .status, .sessions, .timeline, .search,
        .raw, .export, .verify, .decode, .import, .validate,
        .keys, .keysTrust, .keysDistrust, .catalogRebuild, .index,
        .configCheck, .configExplain, .hashPassword, .targets,
    ]

    static func main() {
        do throws(Failure) { exit(try run(Array(CommandLine.arguments.dropFirst())).rawValue) } catch {
            Output.report(error)
            exit(error.code.rawValue)
        }
    }

    private static func run(_ words: [String]) throws(Failure) -> ExitCode {
        switch try ArgumentParser(commands: commands).parse(words) {
        case .help(let command): try help(command)
        case .version: try Output.line("\(Software.name) \(Software.version)")
        case .run(let command, let arguments): return try run(command, arguments)
        }
        return .success
    }

    private static func help(_ command: Command?) throws(Failure) {
        let page = HelpPage(style: Style())
        try Output.write(command.map(page.page) ?? page.overview(commands))
    }

    private static func run(_ command: Command, _ arguments: Arguments) throws(Failure) -> ExitCode {
        // Before there are other threads, so that each one keeps them back.
        if command.takesSignals { Signals.block() }
        return try ProgramTask.run { () async -> Result<ExitCode, Failure> in
            do throws(Failure) { return .success(try await command.run(arguments)) } catch { return .failure(error) }
        }.get()
    }
}
