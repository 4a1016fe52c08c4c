/// A login under way: from the client's first packet to the first ReadyForQuery.
struct PostgresLoginDraft: Sendable {
    private static let parametersShown = 100

    var ticket: EventQueue.Ticket?
    var isAuthenticated = false
    var notices: [String] = []
    private var asked: PostgresAsked?
    private var response: Range<UInt64>?
    private var user = ""
    private var database = ""
    private var version: PostgresVersion?
    private var negotiated: PostgresVersion?
    private var encryption: [String] = []
    private var method: String?
    private var options: [(name: String, value: String)] = []
    private var settings: [(name: String, value: String)] = []
    private var processID: Int32?
    private let selection: Selection

    /// What the event will be asked for of what is long.
    private struct Selection: Sendable {
        let hasSettings: Bool
        let hasServerVersion: Bool
        let hasOptions: Bool
    }

    init(_ selection: EventSelection) {
        self.init(
            Selection(
                hasSettings: selection.hasField("settings"), hasServerVersion: selection.hasField("serverVersion"),
                hasOptions: selection.hasField("options")))
    }

    private init(_ selection: Selection) { self.selection = selection }

    mutating func clear() { self = PostgresLoginDraft(selection) }

    /// Whether settings are worth being told.
    var wantsSettings: Bool { selection.hasSettings || selection.hasServerVersion }

    var isOpen: Bool { ticket != nil }

    /// A packet of the handshake.
    mutating func asks(_ next: PostgresAsked) { asked = asked?.joined(next) ?? next }

    mutating func answered(_ offset: UInt64, _ length: UInt64) {
        let end = offset &+ length
        response = (response?.lowerBound ?? offset)..<max(response?.lowerBound ?? offset, end)
    }

    mutating func encryption(_ words: String) { encryption.append(words) }

    mutating func startup(_ version: PostgresVersion, _ parameters: [(name: String, value: String)]) {
        self.version = version
        options = Array(parameters.prefix(Self.parametersShown))
        user = parameters.first { $0.name == "user" }?.value ?? ""
        database = parameters.first { $0.name == "database" }?.value ?? user
    }

    mutating func negotiated(_ version: PostgresVersion) { negotiated = version }

    /// The first request says what the server wants, or the client chose.
    mutating func method(_ name: String) { method = method ?? name }

    mutating func chose(_ mechanism: String) { method = mechanism }

    mutating func process(_ id: Int32) { processID = id }

    mutating func set(_ name: String, _ value: String) {
        if let index = settings.firstIndex(where: { $0.name == name }) {
            settings[index].value = value
        } else if settings.count < Self.parametersShown {
            settings.append((name, value))
        }
    }

    /// The event, as the login ended; `nil` when nothing had begun. Afterwards the draft is empty.
    mutating func end(_ outcome: TimelineEvent.Outcome, at end: Timestamp) -> TimelineEvent? {
        guard isOpen, let asked else { return nil }
        let title = version == nil ? "(who it is cannot be seen)" : "\(user) to database \(database)"
        var event = TimelineEvent(
            sequence: 0, start: asked.start, end: end, kind: "postgres.login", title: title, outcome: outcome,
            request: asked.range, response: response)
        event.fields.reserveCapacity(12)
        if version != nil {
            event.add("user", .text(user))
            event.add("database", .text(database))
        }
        if let name = options.first(where: { $0.name == "application_name" }) {
            event.add("applicationName", .text(name.value))
        }
        if let method = method ?? (isAuthenticated ? "none asked for" : nil) { event.add("method", .text(method)) }
        if let version { event.add("protocolVersion", .text(version.description)) }
        if let negotiated { event.add("negotiatedVersion", .text(negotiated.description)) }
        if !encryption.isEmpty { event.add("encryption", .text(encryption.joined(separator: ", "))) }
        if let server = settings.first(where: { $0.name == "server_version" }) {
            event.add("serverVersion", .text(server.value))
        }
        if let processID { event.add("processID", .integer(Int64(processID))) }
        if selection.hasOptions { addOptions(to: &event) }
        if selection.hasSettings { addSettings(to: &event) }
        if !notices.isEmpty { event.add("notices", .list(notices.map(TimelineEvent.Value.text))) }
        clear()
        return event
    }

    private func addOptions(to event: inout TimelineEvent) {
        let others = options.filter { !["user", "database", "application_name"].contains($0.name) }
        if !others.isEmpty { event.add("options", .list(others.map { .text($0.name + " = " + $0.value) })) }
    }

    private func addSettings(to event: inout TimelineEvent) {
        guard !settings.isEmpty else { return }
        let sorted = settings.sorted { $0.name < $1.name }
        event.add("settings", .list(sorted.map { .text($0.name + " = " + $0.value) }))
    }
}
