import Protocols

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
