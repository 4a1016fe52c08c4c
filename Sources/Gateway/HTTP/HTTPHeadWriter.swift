import Protocols

/// Writes the head of the other leg from one that came, and keeps count of the credentials in both.
struct HTTPHeadWriter {
    private var encoder: HTTPHeadEncoder
    /// Ranges of what is written that are recorded as filler.
    private var secrets: [Range<Int>] = []
    /// Ranges of the original that are.
    private var originalSecrets: [Range<Int>] = []
    private let query: QuerySecrets

    init(_ encoder: HTTPHeadEncoder, _ query: QuerySecrets) {
        self.encoder = encoder
        self.query = query
    }

    /// Notes the credentials in a request's target, whose query stands at the end of the new one as it came.
    mutating func markTarget(of head: HTTPRequestHead, in original: Span<UInt8>) {
        let moved = encoder.count - " HTTP/1.1\r\n".utf8.count - head.target.upperBound
        for range in query.ranges(in: original, at: head.target) {
            originalSecrets.append(range)
            secrets.append((range.lowerBound + moved)..<(range.upperBound + moved))
        }
    }

    /// Copies a field's line.
    mutating func keep(_ field: HTTPField, of original: Span<UInt8>) {
        for range in field.secrets(in: original, query) {
            let start = encoder.count + range.lowerBound - field.line.lowerBound
            secrets.append(start..<(start + range.count))
            originalSecrets.append(range)
        }
        encoder.copy(field, from: original)
    }

    /// Leaves a field's line out.
    mutating func drop(_ field: HTTPField, of original: Span<UInt8>) {
        originalSecrets += field.secrets(in: original, query)
    }

    /// Puts another value in a field's place; what is secret of such a field is so of this one.
    mutating func replace(_ field: HTTPField, of original: Span<UInt8>, by value: String) {
        drop(field, of: original)
        let name = field.name(in: original)
        let start = encoder.count + name.utf8.count + 2
        add(name, value)
        guard encoder.count > start else { return }
        let new = value.utf8.count
        let ranges = field.name.isSecret ? [0..<new] : query.ranges(in: Array(value.utf8).span)
        secrets += ranges.map { ($0.lowerBound + start)..<($0.upperBound + start) }
    }

    /// A field of our own that many heads have; `nil`: it cannot be written, and is left out.
    mutating func add(_ line: HTTPHeadEncoder.Line?) { if let line { encoder.add(line) } }

    /// A field of our own; one that cannot be written is left out.
    mutating func add(_ name: String, _ value: String) { add(name, value.utf8.span) }

    mutating func add(_ name: String, _ value: Span<UInt8>) { try? encoder.add(name, value) }

    /// A credential of ours.
    mutating func addSecret(_ name: String, _ value: String) {
        let start = encoder.count + name.utf8.count + 2
        add(name, value)
        if encoder.count > start { secrets.append(start..<(encoder.count - 2)) }
    }

    mutating func add(_ framing: HTTPFraming) { encoder.add(framing) }

    /// The head, with `content` behind it.
    consuming func replacement(_ content: [UInt8] = [], _ reason: String) -> Replacement {
        var bytes = encoder.finish()
        bytes += content
        return Replacement(
            bytes, originalSecrets: originalSecrets, secrets: secrets, reason: reason, keepsBody: true)
    }
}
