import Adapters
import Protocols
import Recorder

extension Command {
    static let sessions = Command(
        name: "sessions",
        summary: "list sessions: who was connected, when, to what",
        discussion: """
            The latest come last. A session is open while its connection is, closed once it is sealed, interrupted when
            the gateway was killed and sealed it later, and damaged when its file is. Times are UTC.
            Connections that share an MCP session are one line: “12 +3” began with connection 12, and three others followed.
            """,
        options: [.from, .to, .identity, .target, .protocolName, .sessionState, .limit, .json, .recordings, .state],
        examples: [
            Example("wiretrail sessions --from 2h", "what went on in the last two hours"),
            Example("wiretrail sessions --identity alice --limit 20", "alice's last twenty"),
            Example("wiretrail sessions --session-state open", "who is connected now"),
            Example("wiretrail sessions --json | jq -r .path", "one JSON object per session"),
        ],
        exits: [.nothingFound],
        run: { (arguments) throws(Failure) in try SessionsCommand.run(arguments) })

    static let catalogRebuild = Command(
        name: "catalog rebuild",
        summary: "make the index of sessions again from the recordings",
        discussion: """
            The catalog holds nothing that the files do not. The gateway and `wiretrail sessions` keep it up to date, and make
            it again when it is lost, broken or of another version; rebuild it when files were changed by hand.
            """,
        options: [.recordings, .state],
        examples: [Example("wiretrail catalog rebuild", "reads the beginning and the end of every recording")],
        exits: [.unreadable],
        run: { (arguments) throws(Failure) in try SessionsCommand.rebuild(arguments) })
}

extension Option {
    fileprivate static let identity = Option("identity", "NAME", help: "of this caller only")
    fileprivate static let target = Option("target", "NAME", help: "to this server only, as the list names it")
    fileprivate static let protocolName = Option("protocol", "NAME", help: "of this protocol only: postgres, http")
    fileprivate static let sessionState = Option(
        "session-state", "open|closed|interrupted|damaged", help: "in this state only")
    fileprivate static let limit = Option(
        "limit", "COUNT", help: "the latest sessions only, however many connections each has")
}

/// Lists what the catalog knows.
private enum SessionsCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        let filter = try filter(arguments)
        let places = try places(arguments)
        let state = try places.makeState()
        let entries: [CatalogEntry]
        do throws(StoreFault) {
            let (catalog, unreadable) = try Catalog.current(state, RecordingsFolder(places.recordingsPath))
            unreadable.forEach(notRecording)
            entries = try catalog.list(filter)
        } catch { throw Failure(error) }
        let table = SessionTable(entries, in: places.recordingsPath, style: Style())
        try Output.write(arguments.has(.json) ? table.jsonLines : table.text)
        return entries.isEmpty ? .nothingFound : .success
    }

    static func rebuild(_ arguments: Arguments) throws(Failure) -> ExitCode {
        let places = try places(arguments)
        let state = try places.makeState()
        let unreadable: [String]
        let count: Int
        do throws(StoreFault) {
            let catalog = try Catalog.open(state)
            unreadable = try catalog.rebuild(from: RecordingsFolder(places.recordingsPath))
            count = try catalog.list().count
        } catch { throw Failure(error) }
        for path in unreadable { notRecording(path) }
        try Output.line("the catalog has \(count) \(count == 1 ? "session" : "sessions")")
        return unreadable.isEmpty ? .success : .unreadable
    }

    /// Nothing is made where nothing was recorded.
    private static func places(_ arguments: Arguments) throws(Failure) -> Places {
        let places = try Places(arguments)
        guard FileKind(of: places.recordingsPath) == .folder else { throw SessionFinder(places).noFolder }
        return places
    }

    private static func filter(_ arguments: Arguments) throws(Failure) -> CatalogFilter {
        let moments = try Moments(arguments)
        var filter = CatalogFilter()
        (filter.from, filter.to) = (moments.from, moments.to)
        (filter.identity, filter.target) = (arguments[.identity], arguments[.target])
        filter.protocolName = arguments[.protocolName]
        filter.state = try arguments.choice(.sessionState, CatalogEntry.State.self)
        filter.limit = try arguments.count(.limit)
        let protocols = ProtocolRegistry.all.map(\.id.rawValue)
        if let name = filter.protocolName, !protocols.contains(name) {
            throw .usage(
                "“\(name)” is no protocol that is recorded", "it is one of: \(protocols.joined(separator: ", "))")
        }
        return filter
    }

    private static func notRecording(_ path: String) {
        Output.report(
            Failure("\(path) is no recording", "`wiretrail verify` tells what is wrong with it"))
    }
}
