import Protocols

/// Passwords and their proofs, cancel keys, and secrets within statements.
struct PostgresSecretFinder: SecretFinder {
    typealias Decoder = PostgresDecoder

    private var redaction = PostgresRedaction()
    /// Requests whose ReadyForQuery is still to come.
    private var owed = 0

    mutating func secrets(
        in event: WireEvent<PostgresMessage>, _ direction: Direction, _ bytes: Span<UInt8>
    ) -> [FoundSecret] {
        switch event {
        case .message(let message), .head(let message, _): secrets(of: message, bytes).map { FoundSecret($0) }
        case .body: redaction.secret(inBody: bytes, direction).map { [FoundSecret($0)] } ?? []
        case .become, .opaque: []
        }
    }

    private mutating func secrets(of message: PostgresMessage, _ bytes: Span<UInt8>) -> [Range<Int>] {
        switch message {
        case .password, .saslInitialResponse, .saslResponse, .gssResponse:
            return [PostgresMessage.headerBytes..<bytes.count]
        // A password may be guessed by the server's signature, too (RFC 5802 §9).
        case .authentication(.saslFinal(let data)): return [data]
        case .backendKeyData(let data): return [data.key]
        case .cancelRequest(let request): return [request.key]
        case .query(let sql):
            owed += 1
            return redaction.secrets(ofStatement: sql, bytes)
        case .parse(let parse): return redaction.secrets(ofStatement: parse.sql, bytes)
        case .sync, .functionCall: owed += 1
        case .errorResponse(let error): return redaction.secrets(of: error, bytes)
        case .noticeResponse(let notice): return redaction.secrets(of: notice, bytes)
        case .parameterStatus(let status): redaction.saw(status, bytes)
        case .readyForQuery:
            owed = max(0, owed - 1)
            if owed == 0 { redaction.settled() }
        case .longRequest(let request):
            if request == .query { owed += 1 }
            redaction.began(request)
        case .longResponse(let answer): redaction.began(answer)
        default: break
        }
        return []
    }

    /// A password's message, or a statement, that is cut short.
    func secrets(inRest bytes: Span<UInt8>, _ direction: Direction) -> [FoundSecret] {
        let start = PostgresMessage.headerBytes
        guard direction == .clientToServer, bytes.count > start else { return [] }
        switch bytes[0] {
        case UInt8(ascii: "p"): return [FoundSecret(start..<bytes.count)]
        case UInt8(ascii: "Q"), UInt8(ascii: "P"):
            var text = PostgresSecretStream()
            let secret = text.next(bytes.extracting(start...))
            return secret.map { [FoundSecret($0.lowerBound + start..<$0.upperBound + start)] } ?? []
        default: return []
        }
    }
}
