import Protocols

/// Decides about each message of a Postgres session, from AuthenticationOk on.
struct PostgresInterceptor: Interceptor {
    /// The key under which this session can be cancelled, once the client has it.
    private(set) var cancelKey: CancelKey?
    /// What the client's key is made of. The client gets it in place of the upstream's, so that it can never reach the
    /// upstream by itself.
    private let keySource: [UInt8]
    private(set) var rest = PostgresRest()
    private var redaction = PostgresRedaction()
    private(set) var announcedEnd: String?
    /// `nil`: no rules are in force, and nothing is done for any.
    var judge: PostgresJudge?

    /// - Parameter keySource: 32 random bytes.
    init(keySource: [UInt8], judge: PostgresJudge? = nil) {
        self.keySource = keySource
        self.judge = judge
    }

    /// The client's key for an upstream session: as long as its own where that is 4 bytes (protocol 3.0), else 32.
    func clientKey(_ session: CancelRegistry.Session) -> CancelKey? {
        CancelKey(processID: session.processID, key: clientKey(upstreamCount: session.key.bytes.count))
    }

    private func clientKey(upstreamCount: Int) -> [UInt8] {
        Array(upstreamCount <= 4 ? keySource.prefix(4) : keySource[...])
    }

    mutating func judge(
        _ message: PostgresMessage, _ bytes: Span<UInt8>, _ direction: Direction, isWhole: Bool
    ) -> Verdict {
        if judge != nil, direction == .clientToServer { judge?.refresh(isResting: rest.owesNothing) }
        rest.saw(message)
        var verdict = verdict(message, bytes)
        guard judge?.isActive == true else { return verdict }
        if direction == .clientToServer {
            judge(message, bytes, &verdict)
        } else {
            judge(answer: message, bytes, &verdict)
        }
        return verdict
    }

    /// What becomes of a message as far as the rules are not concerned.
    private mutating func verdict(_ message: PostgresMessage, _ bytes: Span<UInt8>) -> Verdict {
        switch message {
        case .query(let sql): return Self.forward(redaction.secrets(ofStatement: sql, bytes))
        case .parse(let parse): return Self.forward(redaction.secrets(ofStatement: parse.sql, bytes))
        case .backendKeyData(let data):
            return replace(data, bytes)
        case .password, .saslInitialResponse, .saslResponse, .gssResponse:
            let secret = PostgresMessage.headerBytes..<bytes.count
            return .swallow(secrets: [secret], reason: "credentials stop at the gateway")
        case .errorResponse(let error):
            if PostgresFarewell.isFatal(error, bytes) { announce("the upstream ended the session with an error") }
            return Self.forward(redaction.secrets(of: error, bytes))
        case .noticeResponse(let notice):
            return Self.forward(redaction.secrets(of: notice, bytes))
        case .parameterStatus(let status):
            redaction.saw(status, bytes)
            judge?.saw(status, bytes)
            return .forward
        case .readyForQuery:
            if rest.owesNothing { redaction.settled() }
            return .forward
        case .longRequest(let request):
            redaction.began(request)
            return .forward
        case .longResponse(let answer):
            redaction.began(answer)
            return .forward
        case .terminate:
            announce("the client ended the session")
            return .forward
        default:
            return .forward
        }
    }

    private static func forward(_ secrets: [Range<Int>]) -> Verdict {
        secrets.isEmpty ? .forward : .forwardRedacted(secrets, reason: PostgresRedaction.reason)
    }

    mutating func secret(inBody piece: Span<UInt8>, _ direction: Direction) -> (range: Range<Int>, reason: String)? {
        if direction == .clientToServer { judge?.continued(piece) }
        return redaction.secret(inBody: piece, direction).map { ($0, PostgresRedaction.reason) }
    }

    var isAtRest: Bool { rest.isAtRest }

    func passesOpaque(_ reason: OpaqueReason) -> Bool { false }

    mutating func farewell(_ cause: FarewellCause) -> [UInt8] {
        defer { announce(cause.reason) }
        return announcedEnd == nil ? PostgresFarewell.bytes(for: cause) : []
    }

    private mutating func announce(_ reason: String) { announcedEnd = announcedEnd ?? reason }

    private mutating func replace(_ data: PostgresMessage.BackendKeyData, _ bytes: Span<UInt8>) -> Verdict {
        let clientKey = clientKey(upstreamCount: data.key.count)
        cancelKey = CancelKey(processID: data.processID, key: clientKey)
        let new = PostgresEncoding.backendKeyData(processID: data.processID, key: clientKey)
        return .replace(
            Replacement(
                new, originalSecrets: [data.key], secrets: [data.key.lowerBound..<new.count],
                reason: "cancel key of the gateway's own"))
    }
}
