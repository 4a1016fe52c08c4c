import Gateway
import Glibc
import Protocols

extension Command {
    static let list = Command(
        name: "list",
        summary: "list who is connected now",
        discussion: """
            Asks the running gateway. A session is connecting while its server is reached, busy while a statement or a
            transaction is open, else idle; asking while it waits for an answer, and ending. Ended ones are in
            `wiretrail sessions`; `wiretrail timeline SESSION --follow` shows what one does.
            """,
        options: [.json, .config, .socket, .state],
        examples: [
            Example("wiretrail list", "who is connected, since when, to what"),
            Example(
                "wiretrail list --json | jq 'select(.state == \"idle\") | .session'", "one JSON object per session"),
        ],
        exits: [.nothingFound],
        run: { (arguments) async throws(Failure) in try await LiveCommand.list(arguments) })

    static let kill = Command(
        name: "kill",
        summary: "end a session that is open now",
        discussion: """
            The client is told who ended its connection, and why. Both are in the recording, too, which is sealed as
            any other.
            """,
        operands: [Operand(name: "SESSION", help: "its number, as `wiretrail list` shows it")],
        options: [.killReason, .config, .socket, .state],
        examples: [Example("wiretrail kill 17 --reason maintenance", "ends session 17")],
        exits: [.nothingFound],
        run: { (arguments) async throws(Failure) in try await LiveCommand.kill(arguments) })

    static let follow = Command(
        name: "follow",
        summary: "tell what happens at the running gateway, as it happens",
        discussion: """
            Sessions that begin and end, callers who are turned away, requests that rules refuse, questions and their
            answers, and whatever else the gateway logs. It ends with Ctrl-C, or with the gateway.
            """,
        options: [.json, .config, .socket, .state],
        examples: [
            Example("wiretrail follow", "one line per event"),
            Example("wiretrail follow --json | jq 'select(.level == \"error\")'", "one JSON object per event"),
        ],
        run: { (arguments) async throws(Failure) in try await LiveCommand.follow(arguments) })

    static let status = Command(
        name: "status",
        summary: "tell how the running gateway is",
        discussion: "It is ready when it would let a new connection in; if not, the reasons are told.",
        options: [.json, .config, .socket, .state],
        examples: [Example("wiretrail status", "where it listens, how many are connected, whether it is ready")],
        run: { (arguments) async throws(Failure) in try await LiveCommand.status(arguments) })

    static let reload = Command(
        name: "reload",
        summary: "let the running gateway read its configuration again",
        discussion: """
            As SIGHUP does, but the result is told here. A configuration that is not valid is refused as a whole, and the
            one in force stays. Connections live on. What changed in state, recording, control and metrics waits for the
            next start of the gateway, and is named.
            """,
        options: [.config, .socket, .state],
        examples: [Example("wiretrail reload", "after the configuration was edited")],
        run: { (arguments) async throws(Failure) in try await LiveCommand.reload(arguments) })
}

extension Option {
    fileprivate static let killReason = Option("reason", "TEXT", help: "told to the client and kept in the recording")
}

/// What a running gateway is asked about its sessions and itself.
private enum LiveCommand {
    static func list(_ arguments: Arguments) async throws(Failure) -> ExitCode {
        let replies = try await ControlSocket(arguments).ask(.sessions)
        if arguments.has(.json) {
            try Output.write(replies.map { $0.json.text + "\n" }.joined())
        } else {
            let sessions = replies.compactMap { if case .session(let session) = $0 { session } else { nil } }
            try Output.write(LiveTable.text(sessions, style: Style()))
        }
        return replies.isEmpty ? .nothingFound : .success
    }

    static func follow(_ arguments: Arguments) async throws(Failure) -> ExitCode {
        let isJSON = arguments.has(.json)
        let style = Style()
        try await ControlSocket(arguments).follow { reply in
            guard case .event(let event) = reply else { return }
            do throws(Failure) {
                try Output.line(isJSON ? reply.json.text : EventLine.text(event, style: style))
            } catch {
                // Whoever read this has gone; there is nobody left to follow for.
                Output.report(error)
                exit(error.code.rawValue)
            }
        }
        return .success
    }

    static func kill(_ arguments: Arguments) async throws(Failure) -> ExitCode {
        let word = arguments.operands[0]
        guard let session = UInt64(word) else {
            throw .usage("“\(word)” is no session's number", "`wiretrail list` shows them, as in: wiretrail kill 17")
        }
        _ = try await ControlSocket(arguments).ask(.kill(session: session, reason: arguments[.killReason] ?? ""))
        try Output.line("session \(session) was told to end")
        return .success
    }

    static func status(_ arguments: Arguments) async throws(Failure) -> ExitCode {
        for reply in try await ControlSocket(arguments).ask(.status) {
            guard case .status(let status) = reply else { continue }
            try Output.write(arguments.has(.json) ? reply.json.text + "\n" : StatusPage.text(status, style: Style()))
        }
        return .success
    }

    static func reload(_ arguments: Arguments) async throws(Failure) -> ExitCode {
        for reply in try await ControlSocket(arguments).ask(.reload) {
            guard case .reloaded(let waiting) = reply else { continue }
            try Output.line("the configuration is in force")
            for section in waiting { try Output.line("what changed in “\(section)” waits for the next start") }
        }
        return .success
    }
}
