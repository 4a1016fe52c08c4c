import Recorder
import Replayer

extension Command {
    static let timeline = Command(
        name: "timeline",
        summary: "read a session like a story",
        discussion: """
            Tells each statement, request or tool call with what it was given, its outcome and how long it took; logins,
            cancels and notifications, too. Everything is read from the recorded bytes alone. Times are UTC.
            The connections of one MCP session are one story: a session's number or key tells all of them, a recording's
            name or file that one alone.
            """,
        operands: [Operand(name: "SESSION|FILE", help: "a session by its number or name, or a .wtr file")],
        options: [.rows, .json, .follow, .from, .to, .color, .recordings, .state],
        examples: [
            Example("wiretrail timeline 12", "session 12"),
            Example("wiretrail timeline 12 --follow", "while it goes on, until it ends"),
            Example(
                "wiretrail timeline 12 --from 10m --rows", "its last ten minutes, with the first rows of each result"),
            Example(
                "wiretrail timeline 12 --json | jq .title", "one JSON object per line; docs/timeline.md has the schema"),
        ],
        exits: [.unreadable],
        run: { (arguments) throws(Failure) in try TimelineCommand.run(arguments) })
}

extension Option {
    static let json = Option("json", help: "one JSON object per line, of a documented, versioned schema")
    static let color = Option(
        "color", "auto|always|never", help: "auto (default): on a terminal, unless NO_COLOR is set")
    static let rows = Option("rows", help: "show the first rows of each result")
    fileprivate static let follow = Option("follow", help: "go on while the gateway writes the recording")
}

/// Prints what happened in one session.
enum TimelineCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        let format = try format(arguments, showsRows: arguments.has(.rows))
        let moments = try Moments(arguments)
        let places = try Places(arguments)
        let finder = SessionFinder(places)
        let word = arguments.operands[0]
        if !arguments.has(.follow), let shared = try finder.sharedSession(of: word) {
            var query = SessionQuery(shared.paths, key: shared.key, format: format)
            (query.from, query.to) = (moments.from, moments.to)
            try Output.stream { (write) throws(Failure) in
                do throws(StoreFault) { try query.run(write: write) } catch { throw Failure(error, code: .unreadable) }
            }
            return .success
        }
        let path = try arguments.has(.follow) ? finder.awaitPath(of: word) : finder.path(of: word)
        var query = TimelineQuery(path, format: format)
        query.sidecars = places.sidecarsPath
        (query.from, query.to, query.follows) = (moments.from, moments.to, arguments.has(.follow))
        try Output.stream { (write) throws(Failure) in
            do throws(StoreFault) { try query.run(write: write) } catch { throw Failure(error, code: .unreadable) }
        }
        return .success
    }

    static func format(_ arguments: Arguments, showsRows: Bool) throws(Failure) -> TimelineFormat {
        let color = try arguments.choice(.color, Style.Choice.self)
        guard arguments.has(.json) else { return .text(colours: Style(color ?? .auto).isColored, showsRows: showsRows) }
        guard !showsRows, color == nil else {
            throw .usage(
                "--json has neither rows to show nor colours",
                "leave out --rows and --color: JSON tells all that is known")
        }
        return .jsonLines
    }
}

extension Command {
    static let search = Command(
        name: "search",
        summary: "find text in what was asked and answered",
        discussion: """
            Looks into statements, parameters, errors and names of all recordings, or of those named. --streams also
            looks into rows, COPY data and whatever else crossed, byte for byte.
            """,
        operands: [
            Operand(name: "TEXT", help: "taken literally; letters of either case are alike, unless --case is given"),
            Operand(
                name: "SESSION|FILE|DIR", help: "where to look (default: all recordings)", isRequired: false,
                isRepeated: true),
        ],
        options: [.streams, .matchCase, .json, .from, .to, .color, .recordings, .state],
        examples: [
            Example("wiretrail search 'drop table'", "who dropped what, in all recordings"),
            Example("wiretrail search invoices --from 3d", "in the last three days"),
            Example("wiretrail search Grace 12 --streams", "in session 12, in its rows, too"),
        ],
        exits: [.unreadable, .nothingFound],
        run: { (arguments) throws(Failure) in try SearchCommand.run(arguments) })
}

extension Option {
    fileprivate static let streams = Option("streams", help: "look into the bytes of both directions, too")
    fileprivate static let matchCase = Option("case", help: "letters of the other case are other letters")
}

/// Finds text in many sessions.
private enum SearchCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        var query = SearchQuery(arguments.operands[0], format: try TimelineCommand.format(arguments, showsRows: false))
        let moments = try Moments(arguments)
        (query.from, query.to) = (moments.from, moments.to)
        (query.matchesCase, query.searchesStreams) = (arguments.has(.matchCase), arguments.has(.streams))
        let paths = try SessionFinder(Places(arguments)).paths(of: Array(arguments.operands.dropFirst()))
        var isAllRead = true
        let found = try Output.stream { (write) throws(Failure) in
            query.run(paths, write: write) { _, fault in
                isAllRead = false
                Output.report(Failure(fault, code: .unreadable))
            }
        }
        guard isAllRead else { return .unreadable }
        return found > 0 ? .success : .nothingFound
    }
}
