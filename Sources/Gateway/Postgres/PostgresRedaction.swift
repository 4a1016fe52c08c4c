import Protocols

/// Keeps the secrets of statements out of the recording: in the statements, and in what the server says of them.
///
/// A statement of up to ``WireLimits/statementBytes`` is read whole. Of a longer one, everything counts as a secret from the
/// first sign of one on. What cannot be known is the meaning of a value that comes apart from its statement (Bind,
/// FunctionCall, COPY), nor what rows a query returns: these are recorded as they are.
struct PostgresRedaction: Sendable {
    private var known = PostgresKnownSecrets()
    private var isStandardConforming = true
    /// The statement whose body is passing, and the error or notice whose body is.
    private var statement: PostgresSecretStream?
    private var diagnostic: PostgresSecretStream?

    static let reason = "a statement's secret"

    mutating func judge(statement sql: Range<Int>, _ bytes: Span<UInt8>) -> Verdict {
        let secrets = PostgresSecrets.find(in: bytes.extracting(sql), isStandardConforming: isStandardConforming)
        guard !secrets.isEmpty else { return .forward }
        let places = secrets.map { ($0.lowerBound + sql.lowerBound)..<($0.upperBound + sql.lowerBound) }
        for place in places { known.add(place, of: bytes) }
        return .forwardRedacted(places, reason: Self.reason)
    }

    func judge(_ diagnostic: PostgresMessage.Diagnostic, _ bytes: Span<UInt8>) -> Verdict {
        let places = known.places(in: diagnostic, bytes, isStandardConforming: isStandardConforming)
        return places.isEmpty ? .forward : .forwardRedacted(places, reason: Self.reason)
    }

    mutating func saw(_ status: PostgresMessage.ParameterStatus, _ bytes: Span<UInt8>) {
        guard [UInt8](copying: bytes.extracting(status.name)) == Self.setting else { return }
        isStandardConforming = [UInt8](copying: bytes.extracting(status.value)) != Self.off
    }

    private static let setting = Array("standard_conforming_strings".utf8)
    private static let off = Array("off".utf8)

    /// Everything that was asked has been answered: nothing more will be said of it.
    mutating func settled() {
        if !known.isEmpty { known.forget() }
    }

    // MARK: What is not held whole

    mutating func began(_ request: PostgresFrontendTag) {
        statement = request == .query || request == .parse ? PostgresSecretStream() : nil
    }

    mutating func began(_ answer: PostgresBackendTag) {
        diagnostic =
            answer == .errorResponse || answer == .noticeResponse
            ? PostgresSecretStream(isSecret: !known.isEmpty) : nil
    }

    mutating func secret(inBody piece: Span<UInt8>, _ direction: Direction) -> Range<Int>? {
        guard direction == .clientToServer else { return diagnostic?.next(piece) }
        let secret = statement?.next(piece)
        if secret != nil { known.addUnknown() }
        return secret
    }
}
