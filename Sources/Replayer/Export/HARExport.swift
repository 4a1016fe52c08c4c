public import Protocols
public import Recorder

/// Writes the HTTP of a session as a log that browsers open: `wiretrail export --format har` (HAR 1.2). docs/export.md says
/// what is in it.
///
/// Entries come in the order in which their exchanges ended, so that no more is held than is under way.
public struct HARExport: Sendable {
    /// Bytes of all contents and heads under way.
    private static let heldMaximum = 32 << 20

    public var session: RecordedSession

    public init(_ session: RecordedSession) { self.session = session }

    /// What the recordings hold in place of HTTP; `nil` where one of them holds that.
    public func otherProtocol() throws(StoreFault) -> ProtocolID? {
        var other: ProtocolID?
        for path in session.paths {
            let start = try TimelineSource(path, limits: WireLimits()).heading().start
            if start?.protocolID == .http || start?.protocolID == .http2 { return nil }
            other = start?.protocolID ?? other
        }
        return other ?? ProtocolID(rawValue: "unknown")
    }

    /// `write` gets an entry at a time; it returns false to stop.
    public func run(write: (Span<UInt8>) -> Bool) throws(StoreFault) {
        var source = try SessionSource(session.paths, key: session.key ?? "", limits: WireLimits())
        let headings = source.headings
        var log = HARLog(headings)
        guard write(Array(log.beginning.utf8).span) else { return }
        var connections: [UInt32: any HARConversation] = [:]
        var lastTime = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0)
        var wantsMore = true
        try source.forEachRecord { header, payload, number in
            lastTime = header.time
            var connection =
                connections.removeValue(forKey: number)
                ?? Self.conversation(headings[Int(number) - 1])
            if header.type != .note {
                for exchange in connection.drain() where wantsMore {
                    wantsMore = write(log.entry(HAREntry(exchange, connection.connection)).span)
                }
            }
            let others = connections.values.reduce(0) { $0 + $1.heldCount }
            Self.record(header, payload, &connection, room: Self.heldMaximum - others)
            connections[number] = connection
            return wantsMore
        } ended: { number, damage in
            guard var connection = connections.removeValue(forKey: number) else { return true }
            connection.finish(at: lastTime)
            for exchange in connection.drain() where wantsMore {
                wantsMore = write(log.entry(HAREntry(exchange, connection.connection)).span)
            }
            log.ended(connection, damage)
            return wantsMore
        }
        if wantsMore { _ = write(Array(log.ending.utf8).span) }
    }

    private static func conversation(_ heading: TimelineHeading) -> any HARConversation {
        let connection = HARConnection(heading)
        return heading.start?.protocolID == .http2
            ? HARSession<HTTP2Exchanges>(connection, limits: WireLimits())
            : HARSession<HTTPUpgradeExchanges>(connection, limits: WireLimits())
    }

    private static func record(
        _ header: RecordHeader, _ payload: Span<UInt8>, _ connection: inout any HARConversation, room: Int
    ) {
        switch header.type {
        case .data:
            guard let direction = header.direction else { return }
            connection.data(payload, direction, at: header.time, room: room)
        case .gap:
            let length = (try? GapFacts(payload))?.length ?? 0
            for direction in header.direction.map({ [$0] }) ?? Direction.allCases {
                connection.gap(length, direction, at: header.time)
            }
        case .note:
            if let note = try? Annotation(header, payload) { connection.annotation(note) }
        case .start, .identity, .checkpoint: break
        }
    }
}

/// What stands around the entries.
private struct HARLog {
    private var headings: [TimelineHeading]
    private var count = 0
    private var failures: [String] = []

    init(_ headings: [TimelineHeading]) { self.headings = headings }

    var beginning: String {
        let creator = JSON.object(["name": .string(Software.name), "version": .string(Software.version)])
        return "{\"log\":{\"version\":\"1.2\",\"creator\":\(creator.text),\"entries\":["
    }

    mutating func entry(_ entry: HAREntry) -> [UInt8] {
        var output = Array((count > 0 ? ",\n" : "\n").utf8)
        entry.json.write(into: &output)
        count += 1
        return output
    }

    mutating func ended(_ connection: any HARConversation, _ damage: FormatFault?) {
        let reasons = [connection.failure, damage.map { "the recording is damaged: \($0)" }]
        failures += reasons.compactMap(\.self).map { "\(connection.connection.name): \($0)" }
    }

    var ending: String {
        let who = headings.map { heading in
            let subject = heading.identity?.subject ?? "nobody"
            return
                "recording \(heading.recording): \(subject) on \(heading.start?.target ?? "?"), \(heading.state.rawValue)"
        }
        let comment = who + ["secrets that the gateway redacted are filler"] + failures
        return "\n],\"comment\":\(JSON.string(comment.joined(separator: "; ")).text)}}\n"
    }
}
