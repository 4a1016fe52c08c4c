import Protocols

/// Writes the head of the other leg from one that came: the field lines that stay are copied as they are, in their order.
struct HTTPHeadWriter {
    private(set) var bytes: [UInt8] = []
    /// Ranges of `bytes` that are recorded as filler.
    private(set) var secrets: [Range<Int>] = []
    /// Ranges of the original that are recorded as filler.
    private(set) var originalSecrets: [Range<Int>] = []
    /// Original bytes that are to be copied next: neighbouring lines go in one piece.
    private var run = 0..<0

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func write(_ other: [UInt8]) { bytes += other }

    mutating func write(_ range: Range<Int>, of original: Span<UInt8>) {
        bytes.append(original.extracting(range))
    }

    /// Copies a field's line.
    mutating func keep(_ field: HTTPField, of original: Span<UInt8>) {
        if field.name.isSecret { keepSecret(field.secretRange(in: original), after: field.line.lowerBound, original) }
        if run.upperBound == field.line.lowerBound, !run.isEmpty {
            run = run.lowerBound..<field.line.upperBound
        } else {
            flush(original)
            run = field.line
        }
    }

    /// Leaves a field's line out.
    mutating func drop(_ field: HTTPField, of original: Span<UInt8>) {
        if field.name.isSecret { originalSecrets.append(field.secretRange(in: original)) }
    }

    /// Copies what is still to be copied.
    mutating func flush(_ original: Span<UInt8>) {
        if !run.isEmpty { bytes.append(original.extracting(run)) }
        run = 0..<0
    }

    /// Marks what was just written as a secret.
    mutating func markSecret(last count: Int) { secrets.append((bytes.count - count)..<bytes.count) }

    private mutating func keepSecret(_ range: Range<Int>, after line: Int, _ original: Span<UInt8>) {
        if run.upperBound != line { flush(original) }
        let start = bytes.count + (run.isEmpty ? 0 : run.count) + (range.lowerBound - line)
        secrets.append(start..<(start + range.count))
        originalSecrets.append(range)
    }
}

extension HTTPFieldName {
    /// Whether its values are credentials, which no recording holds.
    var isSecret: Bool {
        switch self {
        case .authorization, .proxyAuthorization, .cookie, .setCookie: true
        default: false
        }
    }

    /// Whether it concerns one connection only (RFC 9110 §7.6.1), whatever Connection says.
    var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .proxyConnection, .te, .transferEncoding, .upgrade, .proxyAuthorization,
            .proxyAuthenticate:
            true
        default: false
        }
    }

    /// Whether a Connection field may make it one connection's own; what frames, routes or proves may not be lost so.
    var canBeNominated: Bool {
        switch self {
        case .host, .contentLength, .authorization, .cookie, .setCookie, .origin, .trailer, .expect: false
        default: true
        }
    }
}

extension HTTPField {
    /// The part of the value that is recorded as filler: of credentials, all but the scheme (RFC 9110 §11.4).
    func secretRange(in bytes: Span<UInt8>) -> Range<Int> {
        guard name == .authorization || name == .proxyAuthorization,
            let space = bytes.firstIndex(of: UInt8(ascii: " "), from: valueRange.lowerBound),
            space < valueRange.upperBound
        else { return valueRange }
        return (space + 1)..<valueRange.upperBound
    }
}
