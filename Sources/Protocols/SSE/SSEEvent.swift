/// What an event stream consists of (WHATWG HTML §9.2).
public enum SSEItem: Sendable, Equatable {
    case event(SSEEvent)
    /// A line that begins with a colon and means nothing: it keeps the connection alive. Without the colon.
    case comment(String)
    /// How long a client is to wait before it connects again.
    case retry(milliseconds: UInt64)
}

/// One event as it is dispatched (§9.2.6).
public struct SSEEvent: Sendable, Equatable {
    /// "message" where the stream names none.
    public var type: String
    /// The data lines, joined with line feeds, as they came: mostly UTF-8.
    public var data: [UInt8]
    /// The last id that the stream has given, with this event or before.
    public var lastEventID: String
    /// The content's bytes from the event's first line up to and with its empty line; of a CRLF there, its CR.
    public var range: Range<UInt64>
    /// The data was longer than the limit; ``data`` is its beginning.
    public var isCut: Bool
}

extension SSEEvent {
    /// The event as lines of a stream; `id` stays out where it is `nil`. Data with carriage returns comes out with line feeds.
    public static func encode(_ data: Span<UInt8>, type: String? = nil, id: String? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        if let type { bytes += field("event", type) }
        if let id { bytes += field("id", id) }
        bytes += Array("data: ".utf8)
        var index = 0
        while index < data.count {
            let byte = data[index]
            index += 1
            guard byte == .carriageReturn || byte == .lineFeed else {
                bytes.append(byte)
                continue
            }
            if byte == .carriageReturn, index < data.count, data[index] == .lineFeed { index += 1 }
            bytes += Array("\ndata: ".utf8)
        }
        return bytes + [.lineFeed, .lineFeed]
    }

    /// A comment line and an empty one, which make no event.
    public static func encode(comment: String) -> [UInt8] { field("", comment) + [.lineFeed] }

    /// Line ends and NUL would make something else of the line.
    private static func field(_ name: String, _ value: String) -> [UInt8] {
        Array("\(name): ".utf8) + value.utf8.filter { $0 != .carriageReturn && $0 != .lineFeed && $0 != 0 } + [
            .lineFeed
        ]
    }
}
