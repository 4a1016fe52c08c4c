import Protocols

/// A text to look for, byte by byte.
struct TextPattern: Sendable {
    private let pattern: [UInt8]
    private let matchesCase: Bool

    init(_ text: String, matchesCase: Bool) {
        self.matchesCase = matchesCase
        pattern = matchesCase ? Array(text.utf8) : text.utf8.map(Self.lower)
    }

    /// Bytes of the text.
    var count: Int { pattern.count }

    /// The names of the parts of an event that hold the text: "title", "outcome", or a field's.
    func places(in event: TimelineEvent) -> [String] {
        var places: [String] = []
        if isIn(event.title) { places.append("title") }
        switch event.outcome {
        case .failed(let code, let message): if isIn(code) || isIn(message) { places.append("outcome") }
        case .refused(let rule): if isIn(rule) { places.append("outcome") }
        case .succeeded, .cancelled, .unfinished, .none: break
        }
        for field in event.fields where isIn(field.value) { places.append(field.name) }
        return places
    }

    private func isIn(_ value: TimelineEvent.Value) -> Bool {
        switch value {
        case .text(let text): isIn(text)
        case .integer(let number): isIn(String(number))
        case .list(let values): values.contains(where: isIn)
        case .table(let columns, let rows, _):
            columns.contains(where: isIn) || rows.values.contains { $0.contains(where: isIn) }
        case .boolean, .byteCount, .nanoseconds, .null: false
        }
    }

    private func isIn(_ text: String) -> Bool {
        firstIndex(in: text.utf8Span.span, from: 0) != nil
    }

    /// Where the text next begins in `bytes`.
    func firstIndex(in bytes: Span<UInt8>, from start: Int) -> Int? {
        guard let first = pattern.first else { return start <= bytes.count ? start : nil }
        var index = start
        while index <= bytes.count - pattern.count {
            if fold(bytes[index]) == first, isAt(index, in: bytes) { return index }
            index += 1
        }
        return nil
    }

    private func isAt(_ index: Int, in bytes: Span<UInt8>) -> Bool {
        for (offset, byte) in pattern.enumerated() where fold(bytes[index + offset]) != byte { return false }
        return true
    }

    private func fold(_ byte: UInt8) -> UInt8 { matchesCase ? byte : Self.lower(byte) }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
