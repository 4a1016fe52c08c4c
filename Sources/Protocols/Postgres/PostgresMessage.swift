/// One message of the PostgreSQL frontend/backend protocol, versions 3.0 and 3.2 (manual, chapter 55).
///
/// All ranges count from the message's own first byte; they point into the bytes that the decoder was given, and the
/// structs read what they need from those bytes when asked. Nothing is copied and nothing is allocated.
public enum PostgresMessage: Sendable, Equatable {
    // Before the session: untagged packets and the one-byte replies to them.
    case sslRequest
    case gssEncryptionRequest
    case encryptionReply(EncryptionReply)
    case cancelRequest(CancelRequest)
    case startup(Startup)
    case negotiateProtocolVersion(NegotiateProtocolVersion)

    // Authentication.
    case authentication(Authentication)
    case password(Range<Int>)
    case saslInitialResponse(SASLInitialResponse)
    case saslResponse(Range<Int>)
    case gssResponse(Range<Int>)
    case backendKeyData(BackendKeyData)

    // Requests.
    /// The SQL, without its terminating zero.
    case query(sql: Range<Int>)
    case parse(Parse)
    case bind(Bind)
    case describe(Target)
    case execute(Execute)
    case close(Target)
    case flush
    case sync
    case functionCall(FunctionCall)
    case terminate

    // Answers.
    case parseComplete
    case bindComplete
    case closeComplete
    case portalSuspended
    case noData
    case emptyQueryResponse
    case parameterDescription(ParameterDescription)
    case rowDescription(RowDescription)
    case dataRow(DataRow)
    /// The command tag, such as "INSERT 0 1".
    case commandComplete(tag: Range<Int>)
    case functionCallResponse(FunctionCallResponse)
    case readyForQuery(TransactionStatus)

    // What a server may say at any time.
    case errorResponse(Diagnostic)
    case noticeResponse(Diagnostic)
    case notificationResponse(Notification)
    case parameterStatus(ParameterStatus)

    // COPY.
    case copyInResponse(CopyResponse)
    case copyOutResponse(CopyResponse)
    case copyBothResponse(CopyResponse)
    case copyData(Range<Int>)
    case copyDone
    /// The client's reason for giving up.
    case copyFail(reason: Range<Int>)

    /// The head of a client's message that is too long to be held whole: its type is all that is known.
    case longRequest(PostgresFrontendTag)
    /// The head of a server's message that is too long to be held whole: its type is all that is known.
    case longResponse(PostgresBackendTag)
}

extension PostgresMessage {
    /// Type byte and length: what precedes the content of every tagged message.
    @inlinable public static var headerBytes: Int { 5 }
}
