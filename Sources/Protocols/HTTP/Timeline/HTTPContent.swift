/// The content of one message as far as a timeline tells it: all of what may be JSON-RPC, the beginning of other text, and of the rest
/// only how much it was.
struct HTTPContent: Sendable {
    /// Bytes of JSON that are held in order to be read.
    private static let readMaximum = 4 << 20
    /// Bytes of text that are shown.
    private static let shownMaximum = 4 << 10

    /// As the head has it; empty when it says nothing.
    private(set) var mediaType = ""
    private var kind = HTTPMediaKind.unstated
    private(set) var coding = ""
    private(set) var isEncoded = false
    private(set) var count: UInt64 = 0
    private(set) var bytes: [UInt8] = []
    /// What the bytes are with their coding undone.
    private var decoded: DecodedContent?
    /// Part of it is missing from the recording.
    private(set) var hasHole = false
    private let limit: Int

    init() { limit = 0 }

    init(_ fields: HTTPFields, _ bytes: Span<UInt8>) {
        if let field = fields.first(.contentType) {
            let type = bytes.extracting(field.valueRange)
            mediaType = DisplayText.decode(type, limit: 200)
            kind = HTTPMediaKind(type)
        }
        if let field = fields.first(.contentEncoding) {
            let value = bytes.extracting(field.valueRange)
            coding = DisplayText.decode(value, limit: 100)
            isEncoded = value.count > 0 && !value.isEqualIgnoringCase("identity")
        }
        let isRead = kind == .unstated || kind == .json || kind == .eventStream && isEncoded
        limit = isRead ? Self.readMaximum : Self.shownMaximum
    }

    /// "text/event-stream", which is read event by event.
    var isEventStream: Bool { kind == .eventStream && !isEncoded }
    /// One that can be read at its end.
    var isCodedEventStream: Bool { kind == .eventStream && isEncoded }
    /// Nothing of it is missing here.
    var isWhole: Bool { !hasHole && count == UInt64(bytes.count) }

    mutating func take(_ piece: Span<UInt8>) {
        count &+= UInt64(piece.count)
        let kept = min(piece.count, max(0, limit - bytes.count))
        if kept > 0, !hasHole { bytes.append(piece.extracting(0..<kept)) }
    }

    mutating func skip(_ length: UInt64) {
        hasHole = true
        count &+= length
    }

    /// Undoes the codings of what has come; to be called at the content's end. Unknown codings stay as they are.
    mutating func decode<Primitives: TimelinePrimitives>(_ primitives: Primitives.Type) {
        guard !hasHole, !bytes.isEmpty, let codings = ContentCoding.list(coding), !codings.isEmpty else { return }
        var content = DecodedContent(bytes, .whole)
        // The last one was applied last (RFC 9110 §8.4).
        for (place, coding) in codings.enumerated().reversed() {
            let sensible = ContentCoding.limit(ofEncoded: content.bytes.count)
            let step = Primitives.decode(
                content.bytes.span, coding, limit: place == 0 ? min(limit, sensible) : sensible)
            content = DecodedContent(step.bytes, content.end == .whole ? step.end : content.end)
        }
        decoded = content
    }

    /// What may be read as the media type says: the content without its coding.
    var plain: [UInt8] { decoded?.bytes ?? (isEncoded ? [] : bytes) }

    /// What it says in JSON-RPC; `nil` for everything else.
    var rpc: JSONRPCContent? {
        let isPlain = isEncoded ? decoded?.end == .whole : true
        guard limit == Self.readMaximum, isPlain, isWhole, JSONRPCContent.mayBegin(plain.span) else { return nil }
        return try? JSONRPCContent(plain.span)
    }

    /// The text as far as it is shown; `nil` for what is no text.
    var shown: String? {
        let plain = plain
        guard !plain.isEmpty, isText else { return nil }
        let beginning = plain.span.extracting(0..<min(plain.count, Self.shownMaximum))
        let text = DisplayText.decode(beginning)
        if let decoded, !isWhole || decoded.end != .whole { return text + "…" }
        let left = (decoded.map { UInt64($0.bytes.count) } ?? count) - UInt64(beginning.count)
        return left > 0 ? "\(text)… (\(left) bytes more)" : text
    }

    private var isText: Bool {
        switch kind {
        case .json, .eventStream, .text: true
        case .other: false
        case .unstated: JSONRPCContent.mayBegin(plain.span)
        }
    }
}
