/// The secrets of the statements that are under way: an error or a notice may quote them, in any of its texts.
struct PostgresKnownSecrets: Sendable {
    private var secrets: [Secret] = []
    private var byteCount = 0
    /// There are more than are kept, or some that were never held whole: nothing that a server says of them is recorded.
    private var isComplete = true

    /// What is kept of one session's secrets, in bytes and as a count; nobody's passwords need more.
    private static let byteLimit = 16 << 10
    private static let countLimit = 64

    var isEmpty: Bool { secrets.isEmpty && isComplete }

    mutating func add(_ secret: Range<Int>, of bytes: Span<UInt8>) {
        byteCount += secret.count
        guard byteCount <= Self.byteLimit, secrets.count < Self.countLimit else { return addUnknown() }
        let raw = [UInt8](copying: bytes.extracting(secret))
        for form in [raw, Self.unquoted(raw)] where !secrets.contains(where: { $0.bytes == form }) {
            secrets.append(Secret(form))
        }
    }

    /// A secret of which only the place is known.
    mutating func addUnknown() { isComplete = false }

    mutating func forget() { self = PostgresKnownSecrets() }

    /// Where an error or a notice quotes a secret, or shows one by itself: as context, it may hold a whole statement.
    func places(
        in diagnostic: PostgresMessage.Diagnostic, _ bytes: Span<UInt8>, isStandardConforming: Bool
    ) -> [Range<Int>] {
        var places: [Range<Int>] = []
        var fields = diagnostic.fields
        while let field = fields.next(in: bytes) {
            if Self.isHarmless(field.code) { continue }
            guard isComplete else {
                places.append(field.text)
                continue
            }
            let text = bytes.extracting(field.text)
            let shown = PostgresSecrets.find(in: text, isStandardConforming: isStandardConforming)
            for range in shown + quoted(in: text) {
                places.append((range.lowerBound + field.text.lowerBound)..<(range.upperBound + field.text.lowerBound))
            }
        }
        return PostgresSecrets.merged(places)
    }

    /// Severity, SQLSTATE, positions, and the place in the server's source: no words of anybody's.
    private static func isHarmless(_ code: UInt8) -> Bool {
        switch PostgresDiagnosticField(rawValue: code) {
        case .localizedSeverity, .severity, .code, .position, .internalPosition, .file, .line, .routine: true
        default: false
        }
    }

    private func quoted(in text: Span<UInt8>) -> [Range<Int>] {
        var places: [Range<Int>] = []
        for secret in secrets {
            var index = 0
            while let place = text.range(of: secret.bytes, from: index) {
                // A short one stands in many words; it counts only by itself.
                if secret.bytes.count >= Self.distinctCount || text.isApart(place) { places.append(place) }
                index = place.lowerBound + 1
            }
        }
        return places
    }

    private static let distinctCount = 4

    /// The secret itself, of which the statement holds a literal: doubled quotes are one, and a backslash means what follows.
    private static func unquoted(_ raw: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = raw[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), let next = rest.popFirst() {
                bytes.append(next)
            } else {
                if byte == UInt8(ascii: "'"), rest.first == byte { rest.removeFirst() }
                bytes.append(byte)
            }
        }
        return bytes
    }
}

extension Span<UInt8> {
    fileprivate func range(of bytes: [UInt8], from start: Int) -> Range<Int>? {
        guard let first = bytes.first else { return nil }
        var index = start
        while let place = firstIndex(of: first, from: index), place + bytes.count <= count {
            if bytes.indices.allSatisfy({ self[place + $0] == bytes[$0] }) { return place..<(place + bytes.count) }
            index = place + 1
        }
        return nil
    }

    /// Whether no letter or digit stands next to the range.
    fileprivate func isApart(_ range: Range<Int>) -> Bool {
        let before = range.lowerBound > 0 ? self[range.lowerBound - 1] : 0
        let after = range.upperBound < count ? self[range.upperBound] : 0
        return !before.isLetterOrDigit && !after.isLetterOrDigit
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool { (0x30...0x39).contains(self) || (0x61...0x7a).contains(self | 0x20) }
}
