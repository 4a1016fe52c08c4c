/// Both sides' identifications, and the lines that the server put before its own (RFC 4253 §4.2).
struct SSHGreetingDraft: Sendable {
    private static let linesShown = 100

    var extent = SSHExtent()
    private var lines: [String] = []
    private var client: Words?
    private var server: Words?

    private struct Words: Sendable {
        var line: String
        var software: String
    }

    var isComplete: Bool { client != nil && server != nil }

    mutating func add(
        line: Range<Int>, in bytes: Span<UInt8>, _ range: Range<UInt64>, _ direction: Direction, at time: Timestamp
    ) {
        extent.cover(range, direction, at: time)
        if lines.count < Self.linesShown { lines.append(DisplayText.decode(bytes.extracting(line))) }
    }

    mutating func add(
        _ identification: SSHIdentification, in bytes: Span<UInt8>, _ range: Range<UInt64>, _ direction: Direction,
        at time: Timestamp
    ) {
        extent.cover(range, direction, at: time)
        let words = Words(
            line: DisplayText.decode(bytes.extracting(identification.line)),
            software: DisplayText.decode(bytes.extracting(identification.software)))
        if direction == .clientToServer { client = words } else { server = words }
    }

    var event: TimelineEvent {
        let title = "\(client?.software ?? "nobody") meets \(server?.software ?? "nobody")"
        var fields: [TimelineEvent.Field] = []
        if let client { fields.append(.init("client", .text(client.line))) }
        if let server { fields.append(.init("server", .text(server.line))) }
        if !lines.isEmpty { fields.append(.init("lines", .list(lines.map(TimelineEvent.Value.text)))) }
        return extent.event("ssh.greeting", title, isComplete ? .succeeded : .unfinished, fields)
    }
}
