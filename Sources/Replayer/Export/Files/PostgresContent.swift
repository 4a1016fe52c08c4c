import Protocols

/// Finds copied data, long values and long parameters.
struct PostgresContent: ContentFinder {
    /// Shorter values stand in the timeline whole.
    static let valueMinimum = 1024

    private var session: WireSession<PostgresDecoder>
    private var lanes = [Lane(direction: .clientToServer), Lane(direction: .serverToClient)]
    /// The columns of the rows that come.
    private var columns: [String] = []
    private var hasFailed = false

    private struct Lane {
        let direction: Direction
        /// Copied data has begun, and not ended.
        var isCopying = false
        /// What the body pieces of a long message are.
        var long = Long.none
    }

    private enum Long {
        case none
        case copyData
        case values(ValueSplitter, Content)
    }

    init(limits: WireLimits) {
        session = WireSession(PostgresDecoder(limits: limits), limits: limits)
    }

    mutating func data(
        _ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp, into sink: inout some ContentSink
    ) {
        guard !hasFailed else { return }
        var (lanes, columns) = (exchange(&self.lanes, with: []), exchange(&self.columns, with: []))
        do throws(WireFault) {
            try session.feed(bytes, direction) { event, direction, offset, bytes in
                let slot = direction.slot
                let content = Content(.value, ContentLane(direction), offset: offset, time: time)
                switch event {
                case .message(.rowDescription(let row)): columns = Self.names(row, bytes)
                case .message(let message): Self.message(message, bytes, content, columns, &lanes[slot], &sink)
                case .head(let message, _): Self.head(message, content, &lanes[slot], &sink)
                case .body(let isLast): Self.body(bytes, isLast: isLast, columns, &lanes[slot], &sink)
                case .become, .opaque: break
                }
            }
        } catch {
            hasFailed = true
        }
        (self.lanes, self.columns) = (lanes, columns)
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, into sink: inout some ContentSink) {
        Self.abandon(&lanes[direction.slot], &sink)
        do throws(WireFault) { try session.gap(length, direction) } catch { hasFailed = true }
    }

    mutating func finish(into sink: inout some ContentSink) {
        for slot in lanes.indices { Self.abandon(&lanes[slot], &sink) }
    }
}

// MARK: - Messages

extension PostgresContent {
    private static func message(
        _ message: PostgresMessage, _ bytes: Span<UInt8>, _ content: Content, _ columns: [String], _ lane: inout Lane,
        _ sink: inout some ContentSink
    ) {
        switch message {
        case .copyData(let range): copied(bytes.extracting(range), content, &lane, &sink)
        case .copyDone: endCopy(&lane, isWhole: true, &sink)
        case .copyFail, .errorResponse: endCopy(&lane, isWhole: false, &sink)
        case .dataRow, .bind:
            begin(message, content, &lane)
            body(bytes.extracting(PostgresMessage.headerBytes...), isLast: true, columns, &lane, &sink)
        default: break
        }
    }

    private static func head(
        _ message: PostgresMessage, _ content: Content, _ lane: inout Lane, _ sink: inout some ContentSink
    ) {
        switch message {
        case .longRequest(.copyData), .longResponse(.copyData):
            copied(Span(), content, &lane, &sink)
            lane.long = .copyData
        default: begin(message, content, &lane)
        }
    }

    private static func begin(_ message: PostgresMessage, _ content: Content, _ lane: inout Lane) {
        var content = content
        switch message {
        case .dataRow, .longResponse(.dataRow): lane.long = .values(.row(minimum: valueMinimum), content)
        case .bind, .longRequest(.bind):
            content.kind = .parameter
            lane.long = .values(.bind(minimum: valueMinimum), content)
        default: lane.long = .none
        }
    }

    private static func body(
        _ bytes: Span<UInt8>, isLast: Bool, _ columns: [String], _ lane: inout Lane, _ sink: inout some ContentSink
    ) {
        switch lane.long {
        case .none: break
        case .copyData: sink.append(bytes, ContentLane(lane.direction))
        case .values(var splitter, let content):
            splitter.feed(bytes) { part in
                switch part {
                case .begin(let column): sink.begin(named(content, column, columns))
                case .bytes(let range): sink.append(bytes.extracting(range), content.lane)
                case .end: sink.end(content.lane, isWhole: true)
                }
            }
            lane.long = .values(splitter, content)
        }
        if isLast { lane.long = .none }
    }

    /// A parameter has a number, as in `$1`; a value the name of its column.
    private static func named(_ content: Content, _ column: Int, _ columns: [String]) -> Content {
        var content = content
        content.facts =
            content.kind == .parameter || !columns.indices.contains(column)
            ? ["number": String(column + 1)] : ["column": columns[column]]
        return content
    }

    private static func names(_ row: PostgresMessage.RowDescription, _ bytes: Span<UInt8>) -> [String] {
        var names: [String] = []
        var columns = row.columns
        while let column = try? columns.next(in: bytes) {
            names.append(DisplayText.decode(bytes.extracting(column.name), limit: 200))
        }
        return names
    }

    private static func copied(
        _ bytes: Span<UInt8>, _ content: Content, _ lane: inout Lane, _ sink: inout some ContentSink
    ) {
        if !exchange(&lane.isCopying, with: true) {
            var content = content
            content.kind = lane.direction == .clientToServer ? .copyIn : .copyOut
            sink.begin(content)
        }
        sink.append(bytes, ContentLane(lane.direction))
    }

    private static func endCopy(_ lane: inout Lane, isWhole: Bool, _ sink: inout some ContentSink) {
        guard exchange(&lane.isCopying, with: false) else { return }
        sink.end(ContentLane(lane.direction), isWhole: isWhole)
    }

    /// Bytes are missing: what has begun ends here.
    private static func abandon(_ lane: inout Lane, _ sink: inout some ContentSink) {
        if case .values(let splitter, _) = lane.long, splitter.isWithinValue {
            sink.end(ContentLane(lane.direction), isWhole: false)
        }
        lane.long = .none
        endCopy(&lane, isWhole: false, &sink)
    }
}
