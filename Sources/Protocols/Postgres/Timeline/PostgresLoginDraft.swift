/// A login under way: from the client's first packet to the first ReadyForQuery.
struct PostgresLoginDraft: Sendable {
    private static let parametersShown = 100

    var ticket: EventQueue.Ticket?
    var isAuthenticated = false
    var notices: [String] = []
    private var asked: PostgresAsked?
    private var response: Range<UInt64>?
    private var version: PostgresVersion?
    private var negotiated: PostgresVersion?
    private var user: String?
    private var database: String?
    private var applicationName: String?
    /// The other parameters of the startup packet: "client_encoding = UTF8".
    private var options: [String] = []
    private var encryption: [String] = []
    private var method: String?
    private var settings: [(name: String, value: String)] = []
    private var processID: Int32?

    /// Whether settings are worth being told.
    static func hasSettings(_ selection: EventSelection) -> Bool {
        selection.mayHaveField(PostgresFields.settings) || selection.mayHaveField(PostgresFields.serverVersion)
    }

    var isOpen: Bool { ticket != nil }

    /// A packet of the handshake.
    mutating func asks(_ next: PostgresAsked) { asked = asked?.joined(next) ?? next }

    mutating func answered(_ offset: UInt64, _ length: UInt64) {
        let end = offset &+ length
        response = (response?.lowerBound ?? offset)..<max(response?.lowerBound ?? offset, end)
    }

    mutating func encryption(_ words: String) { encryption.append(words) }

    mutating func startup(
        _ startup: PostgresMessage.Startup, _ bytes: Span<UInt8>, _ selection: EventSelection
    ) {
        version = startup.version
        (user, database, applicationName, options) = (nil, nil, nil, [])
        let hasName = selection.mayHaveField(PostgresFields.applicationName)
        let hasOptions = selection.mayHaveField(PostgresFields.options)
        var reader = startup.parameters
        var count = 0
        while let pair = reader.next(in: bytes) {
            let name = bytes.extracting(pair.name)
            let value = bytes.extracting(pair.value)
            count += 1
            if name.isEqual("user") {
                user = user ?? DisplayText.decode(value)
            } else if name.isEqual("database") {
                database = database ?? DisplayText.decode(value)
            } else if count > Self.parametersShown {
                continue
            } else if name.isEqual("application_name") {
                if hasName { applicationName = applicationName ?? DisplayText.decode(value) }
            } else if hasOptions {
                options.append(DisplayText.decode(name) + " = " + DisplayText.decode(value))
            }
        }
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

    /// The event, as the login ended; `nil` when nothing had begun.
    ///
    /// - Parameter reasons: fields that say why.
    func event(
        _ outcome: TimelineEvent.Outcome, _ reasons: [TimelineEvent.Field], at end: Timestamp,
        _ selection: EventSelection
    ) -> TimelineEvent? {
        guard let asked else { return nil }
        var fields = SelectedFields(selection)
        addClient(to: &fields)
        if let method = method ?? (isAuthenticated ? "none asked for" : nil) {
            fields.add(PostgresFields.method, .text(method))
        }
        if let version { fields.add(PostgresFields.protocolVersion, .text(version.description)) }
        addServer(to: &fields)
        fields.add(reasons)
        return TimelineEvent(
            sequence: 0, start: asked.start, end: end, kind: "postgres.login", title: title, outcome: outcome,
            fields: fields.all, request: asked.range, response: response)
    }

    private var title: String {
        guard version != nil else { return "(who it is cannot be seen)" }
        let user = user ?? ""
        let database = database ?? user
        var title = ""
        title.reserveCapacity(user.utf8.count + 13 + database.utf8.count)
        title += user
        title += " to database "
        title += database
        return title
    }

    private func addClient(to fields: inout SelectedFields) {
        guard version != nil else { return }
        fields.add(PostgresFields.user, .text(user ?? ""))
        fields.add(PostgresFields.database, .text(database ?? user ?? ""))
        if let applicationName { fields.add(PostgresFields.applicationName, .text(applicationName)) }
    }

    private func addServer(to fields: inout SelectedFields) {
        if let negotiated { fields.add(PostgresFields.negotiatedVersion, .text(negotiated.description)) }
        if !encryption.isEmpty { fields.add(PostgresFields.encryption, .text(encryption.joined(separator: ", "))) }
        if let server = settings.first(where: { $0.name == "server_version" }) {
            fields.add(PostgresFields.serverVersion, .text(server.value))
        }
        if let processID { fields.add(PostgresFields.processID, .integer(Int64(processID))) }
        if !options.isEmpty { fields.add(PostgresFields.options, .list(options.map(TimelineEvent.Value.text))) }
        if !settings.isEmpty { fields.add(PostgresFields.settings, .list(sortedSettings)) }
        if !notices.isEmpty { fields.add(PostgresFields.notices, .list(notices.map(TimelineEvent.Value.text))) }
    }

    private var sortedSettings: [TimelineEvent.Value] {
        settings.sorted { $0.name < $1.name }.map { .text($0.name + " = " + $0.value) }
    }
}
