import Protocols

/// A head with its bytes, and where they stand in the stream.
struct HARHead: Sendable {
    var bytes: [UInt8]
    var fields: HTTPFields
    /// Of its first byte.
    var offset: UInt64

    /// Bytes that are kept of a target where there is no room for the head.
    static let shortCount = 256

    /// - Parameter target: what of the bytes is kept, from its beginning; `nil` for all of them.
    init(_ bytes: Span<UInt8>, _ fields: HTTPFields, at offset: UInt64, keeps target: Range<Int>? = nil) {
        let kept = target.map { $0.prefix(Self.shortCount) } ?? bytes.indices
        self.bytes = [UInt8](copying: bytes.extracting(kept))
        self.fields = fields
        self.offset = offset
    }

    var range: Range<UInt64> { offset..<offset &+ UInt64(bytes.count) }

    func text(_ range: Range<Int>) -> String { DisplayText.decode(bytes.span.extracting(range)) }

    func value(_ name: HTTPFieldName) -> String? { fields.value(name, in: bytes.span) }

    /// Name and value of every field line, in order; a comment where the gateway put filler in place of a secret.
    func headers(_ notes: HARNotes) -> JSON {
        .array(
            fields.map { field in
                var members: [String: JSON] = [
                    "name": .string(field.name(in: bytes.span)), "value": .string(field.value(in: bytes.span)),
                ]
                members["comment"] = notes.redaction(in: streamRange(field.valueRange)).map(JSON.string)
                return .object(members)
            })
    }

    func cookies(_ name: HTTPFieldName, _ read: (String) -> [[String: JSON]], _ notes: HARNotes) -> JSON {
        var cookies: [JSON] = []
        for field in fields where field.name == name {
            let comment = notes.redaction(in: streamRange(field.valueRange)).map(JSON.string)
            for var cookie in read(field.value(in: bytes.span)) {
                cookie["comment"] = comment
                cookies.append(.object(cookie))
            }
        }
        return .array(cookies)
    }

    /// A range of the head's bytes as one of the stream's.
    func streamRange(_ range: Range<Int>) -> Range<UInt64> {
        offset &+ UInt64(range.lowerBound)..<offset &+ UInt64(range.upperBound)
    }
}

/// What the gateway noted about a request or response.
struct HARNotes: Sendable {
    private static let maximum = 1000

    private var notes: [Annotation] = []

    var isEmpty: Bool { notes.isEmpty }

    mutating func add(_ note: Annotation) {
        if notes.count < Self.maximum { notes.append(note) }
    }

    /// Why bytes of that range are filler; `nil` where they are what was sent.
    func redaction(in range: Range<UInt64>) -> String? {
        notes.first { $0.kind == .redaction && $0.range.overlaps(range) }.map { "redacted: \($0.reason)" }
    }

    /// Why bytes of it are filler, wherever they stand.
    var redactions: [String] { notes.filter { $0.kind == .redaction }.map { "redacted: \($0.reason)" } }

    /// What was decided, as one text.
    var decisions: [String] {
        notes.filter { [.refused, .question, .synthesized, .withheld].contains($0.kind) }
            .map { "\($0.kind.rawValue): \($0.reason)" }
    }
}
