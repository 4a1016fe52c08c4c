// Messages too long to be held whole: their beginning is kept, the rest only counted.

/// A long message on its way.
struct PostgresLongMessage: Sendable {
    var message: PostgresMessage
    var asked: PostgresAsked
    /// The content's first bytes.
    var beginning: [UInt8] = []
    /// Of the whole content.
    var total: UInt64

    /// The whole message.
    var length: UInt64 { total + UInt64(PostgresMessage.headerBytes) }
}

extension PostgresConversation {
    mutating func beginLong(
        _ message: PostgresMessage, _ direction: Direction, _ offset: UInt64, _ body: UInt64, _ start: Timestamp
    ) {
        let end = offset &+ body &+ UInt64(PostgresMessage.headerBytes)
        let asked = PostgresAsked(start: start, range: offset..<max(offset, end))
        let long = PostgresLongMessage(message: message, asked: asked, total: body)
        if direction == .clientToServer { longClient = long } else { longServer = long }
    }

    mutating func continueLong(_ direction: Direction, _ bytes: Span<UInt8>, isLast: Bool, at time: Timestamp) {
        let isRequest = direction == .clientToServer
        let begun = isRequest ? exchange(&longClient, with: nil) : exchange(&longServer, with: nil)
        guard var long = begun else { return }
        let wanted = min(bytes.count, Self.sqlShown - long.beginning.count)
        if wanted > 0 { long.beginning.append(bytes.extracting(0..<wanted)) }
        guard isLast else {
            if isRequest { longClient = long } else { longServer = long }
            return
        }
        if isRequest { longRequest(long) } else { longAnswer(long, at: time) }
    }

    private mutating func longRequest(_ long: PostgresLongMessage) {
        guard case .longRequest(let tag) = long.message else { return }
        switch tag {
        case .query: query(beginningText(long, from: 0), [], long.asked)
        case .parse:
            let nameEnd = long.beginning.firstIndex(of: 0) ?? 0
            let name = DisplayText.decode(long.beginning.span.extracting(0..<nameEnd))
            parse(name: name, sql: beginningText(long, from: nameEnd + 1), [], long.asked)
        case .bind: longBind(long)
        case .functionCall:
            functionCall(long.beginning.span.uint32BE(at: 0) ?? 0, PostgresParameters(), .text, long.asked)
        case .copyData: copied(long.total, long.length)
        default: break
        }
    }

    private mutating func longBind(_ long: PostgresLongMessage) {
        let bytes = long.beginning
        let portalEnd = bytes.firstIndex(of: 0) ?? 0
        let statementEnd = bytes.dropFirst(portalEnd + 1).firstIndex(of: 0) ?? bytes.count
        guard portalEnd < statementEnd, statementEnd + 2 <= bytes.count else { return }
        bound(
            DisplayText.decode(bytes.span.extracting(0..<portalEnd)),
            DisplayText.decode(bytes.span.extracting(portalEnd + 1..<statementEnd)),
            PostgresParameters(PostgresFormats(at: statementEnd + 1, in: bytes.span), in: bytes.span), .text, long.asked
        )
    }

    /// SQL up to its terminating zero, or as far as it was kept.
    private func beginningText(_ long: PostgresLongMessage, from start: Int) -> String {
        let start = min(start, long.beginning.count)
        let end = long.beginning[start...].firstIndex(of: 0) ?? long.beginning.count
        let text = DisplayText.decode(long.beginning.span.extracting(start..<end))
        let left = long.total - UInt64(end)
        return end == long.beginning.count ? text + "… (\(left) bytes more)" : text
    }

    private mutating func longAnswer(_ long: PostgresLongMessage, at time: Timestamp) {
        guard case .longResponse(let tag) = long.message else { return }
        let offset = long.asked.range.lowerBound
        switch tag {
        case .dataRow: change(offset, long.length, at: time) { $0.longRow(long.beginning.span, long.total) }
        case .copyData: change(offset, long.length, at: time) { $0.copiedBytes &+= long.total }
        case .errorResponse:
            failed(PostgresErrorFacts(beginning: long.beginning.span), offset, long.length, at: time)
        case .noticeResponse: notice(PostgresErrorFacts(beginning: long.beginning.span), at: time)
        case .functionCallResponse:
            functionResult(.bytes(4..<long.beginning.count), long.beginning.span, offset, at: time)
        case .rowDescription: described(offset, long.length, at: time)
        case .notificationResponse: longNotification(long)
        default: break
        }
    }

    private mutating func longNotification(_ long: PostgresLongMessage) {
        let bytes = long.beginning
        let channelEnd = bytes.dropFirst(4).firstIndex(of: 0) ?? bytes.count
        events.add(
            TimelineEvent(
                sequence: 0, start: long.asked.start, kind: "postgres.notification",
                title: DisplayText.decode(bytes.span.extracting(min(4, channelEnd)..<channelEnd)),
                fields: [.init("payload", .text(beginningText(long, from: channelEnd + 1)))],
                response: long.asked.range))
    }
}
