/// A request of HTTP/1.1 with which a connection has gone over to HTTP/2 in the clear: there it is stream 1, whose client has said
/// all (RFC 7540 §3.2, which RFC 9113 §3.1 no longer recommends).
struct HTTP2Upgrade: Sendable {
    static let stream: UInt32 = 1

    /// As HTTP/2 writes them: `:method` and its like first, names in lower case.
    var fields: [HPACKField]
    var contentBytes: UInt64
    /// What the client's HTTP2-Settings field says (§3.2.1).
    var settings: [HTTP2Setting]
    /// Its bytes in the client's stream, and when they began.
    var range: Range<UInt64>
    var start: Timestamp
    /// When the server agreed.
    var end: Timestamp
}

extension HTTP2Setting {
    /// The payload of a SETTINGS frame in base64url (RFC 7540 §3.2.1); empty when it is none.
    static func list(_ text: String) -> [HTTP2Setting] {
        guard let payload = Base64URL.decode(text.utf8), payload.count % 6 == 0 else { return [] }
        return list(payload.span, 0..<payload.count)
    }

    /// RFC 9113 §6.5.1.
    static func list(_ bytes: Span<UInt8>, _ payload: Range<Int>) -> [HTTP2Setting] {
        stride(from: payload.lowerBound, to: payload.upperBound, by: 6).map {
            HTTP2Setting(identifier: bytes.uint16BE(at: $0) ?? 0, value: bytes.uint32BE(at: $0 + 2) ?? 0)
        }
    }
}

extension ConversationTimeline {
    /// - Parameter offsets: where HTTP/2 begins in both streams.
    init<Primitives>(
        _ upgrade: HTTP2Upgrade, offsets: StreamOffsets, limits: WireLimits, selection: EventSelection
    ) where Talk == HTTP2Conversation<Primitives> {
        let conversation = Talk(upgrade, limits: limits, selection: selection)
        self.init(HTTP2Decoder(behindUpgrade: limits), conversation, offsets: offsets, limits: limits)
    }
}

extension HTTP2Conversation {
    fileprivate init(_ upgrade: HTTP2Upgrade, limits: WireLimits, selection: EventSelection) {
        self.init(limits: limits, selection: selection)
        begin(upgrade)
    }
}
