public import Protocols

/// What an interceptor adds whose protocol reaches an upstream, or knows its caller, for each request. By default it does
/// neither: one upstream serves a whole connection, and ends it.
public protocol RequestInterceptor<Message>: Sendable {
    associatedtype Message: Sendable

    /// Judges a message whose content was gathered. `bytes` are all of the message's.
    mutating func judge(
        _ message: Message, _ gathered: GatheredMessage, _ bytes: Span<UInt8>, _ direction: Direction
    ) -> Verdict

    /// Whether the content that is gathered ends with this message, or with the last piece of a body (`nil`).
    func endsGathering(_ message: Message?, _ direction: Direction) -> Bool

    /// Whom the credential of a message that waits proves; it is judged again next.
    mutating func identified(_ result: Result<Identity, IdentityRefusal>)

    /// How often it is looked whether a side is silent for too long: the shortest of all limits; `nil`: there are none.
    var shortestPatience: Duration? { get }

    /// For whom the connection waits now, and for how long it does; `nil`: for ever.
    ///
    /// - Parameter hasBegun: whether a message of the client has come in part.
    func patience(hasBegun: Bool) -> Patience?

    /// What became of reaching an upstream for the message that waits for it; it is judged again next.
    mutating func reached(_ outcome: UpstreamReach)

    /// The client has said all it had to say. Why the connection ends with that; `nil`: it still reads answers.
    mutating func clientEnded() -> String?

    /// The upstream has left. Asked once for each upstream.
    mutating func upstreamEnded() -> UpstreamEnd

    /// Nothing is under way on the connection to the upstream: it may serve others.
    var isUpstreamReusable: Bool { get }
}

/// How long one side may be silent.
public struct Patience: Sendable, Equatable {
    public var side: Side
    public var limit: Duration

    public init(_ side: Side, _ limit: Duration) {
        self.side = side
        self.limit = limit
    }
}

extension RequestInterceptor {
    public var shortestPatience: Duration? { nil }
    public func patience(hasBegun: Bool) -> Patience? { nil }
    public mutating func judge(
        _ message: Message, _ gathered: GatheredMessage, _ bytes: Span<UInt8>, _ direction: Direction
    ) -> Verdict { .forward }
    public func endsGathering(_ message: Message?, _ direction: Direction) -> Bool { true }
    public mutating func identified(_ result: Result<Identity, IdentityRefusal>) {}
    public var isUpstreamReusable: Bool { false }
    public mutating func clientEnded() -> String? { nil }
    public mutating func reached(_ outcome: UpstreamReach) {}
    public mutating func upstreamEnded() -> UpstreamEnd { .endsConnection }
}
