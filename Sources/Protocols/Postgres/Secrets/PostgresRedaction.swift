/// Keeps the secrets of statements out of the recording: in the statements, and in what the server says of them.
///
/// A statement of up to ``WireLimits/statementBytes`` is read whole. Of a longer one, everything counts as a secret from the
/// first sign of one on. What cannot be known is the meaning of a value that comes apart from its statement (Bind,
/// FunctionCall, COPY), nor what rows a query returns: these are recorded as they are.
public struct PostgresRedaction: Sendable {
    private var known = PostgresKnownSecrets()
    private var isStandardConforming = true
    /// The statement whose body is passing, and the error or notice whose body is.
    private var statement: PostgresSecretStream?
    private var diagnostic: PostgresSecretStream?

    public static let reason = "a statement's secret"

    public init() {}

    /// Where a statement holds secrets; they are looked for in what the server says of it, too.
    public mutating func secrets(ofStatement sql: Range<Int>, _ bytes: Span<UInt8>) -> [Range<Int>] {
        let secrets = PostgresSecrets.find(in: bytes.extracting(sql), isStandardConforming: isStandardConforming)
        let places = secrets.map { ($0.lowerBound + sql.lowerBound)..<($0.upperBound + sql.lowerBound) }
        for place in places { known.add(place, of: bytes) }
        return places
    }

    /// Where an error or a notice quotes them.
    public func secrets(of diagnostic: PostgresMessage.Diagnostic, _ bytes: Span<UInt8>) -> [Range<Int>] {
        known.places(in: diagnostic, bytes, isStandardConforming: isStandardConforming)
    }

    public mutating func saw(_ status: PostgresMessage.ParameterStatus, _ bytes: Span<UInt8>) {
        guard [UInt8](copying: bytes.extracting(status.name)) == Self.setting else { return }
        isStandardConforming = [UInt8](copying: bytes.extracting(status.value)) != Self.off
    }

    private static let setting = Array("standard_conforming_strings".utf8)
    private static let off = Array("off".utf8)

    /// Everything that was asked has been answered: nothing more will be said of it.
    public mutating func settled() {
        if !known.isEmpty { known.forget() }
    }

    // MARK: What is not held whole

    public mutating func began(_ request: PostgresFrontendTag) {
        statement = request == .query || request == .parse ? PostgresSecretStream() : nil
    }

    public mutating func began(_ answer: PostgresBackendTag) {
        diagnostic =
            answer == .errorResponse || answer == .noticeResponse
            ? PostgresSecretStream(isSecret: !known.isEmpty) : nil
    }

    public mutating func secret(inBody piece: Span<UInt8>, _ direction: Direction) -> Range<Int>? {
        guard direction == .clientToServer else { return diagnostic?.next(piece) }
        let secret = statement?.next(piece)
        if secret != nil { known.addUnknown() }
        return secret
    }
}
