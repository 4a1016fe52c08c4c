/// What a timeline makes of content of a media type.
enum HTTPMediaKind: Sendable, Equatable {
    /// The head does not say.
    case unstated
    /// "application/json", "application/problem+json"…
    case json
    case eventStream
    case text
    case other

    /// - Parameter mediaType: as the head has it. Its parameters say nothing of the kind, nor does its case (RFC 9110 §8.3.1).
    init(_ mediaType: Span<UInt8>) {
        var end = 0
        while end < mediaType.count, mediaType[end] != UInt8(ascii: ";"), !mediaType[end].isHTTPWhitespace { end += 1 }
        let essence = mediaType.extracting(0..<end)
        if essence.count == 0 {
            self = .unstated
        } else if essence.isEqualIgnoringCase("text/event-stream") {
            self = .eventStream
        } else if essence.hasSuffixIgnoringCase("json") {
            self = .json
        } else if essence.hasPrefixIgnoringCase("text/") || essence.hasSuffixIgnoringCase("xml")
            || Self.texts.contains(where: { essence.isEqualIgnoringCase($0) })
        {
            self = .text
        } else {
            self = .other
        }
    }

    /// Texts whose names do not say so.
    private static let texts = [
        "application/x-www-form-urlencoded", "application/javascript", "application/graphql", "application/yaml",
        "application/sql",
    ]
}
