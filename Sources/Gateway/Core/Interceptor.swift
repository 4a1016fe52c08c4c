public import Protocols

/// Reads one protocol's messages as they cross, and decides about each. A value: no I/O, no clock.
public protocol Interceptor<Message>: RequestInterceptor {
    associatedtype Message

    /// `bytes` are the message's own; when `isWhole` is false, they are its head and the body follows in pieces,
    /// which go the way of the head.
    mutating func judge(
        _ message: Message, _ bytes: Span<UInt8>, _ direction: Direction, isWhole: Bool
    ) -> Verdict

    /// The part of a body's next piece that is recorded as filler; asked where the body goes on with its head.
    mutating func secret(inBody piece: Span<UInt8>, _ direction: Direction) -> (range: Range<Int>, reason: String)?

    /// What goes on in the place of a body's next piece, and why; `nil`: the piece as it is. Asked where the body goes on with
    /// its head.
    mutating func replacement(
        ofBody piece: Span<UInt8>, _ direction: Direction
    ) -> (bytes: [UInt8], reason: String)?

    /// Words from elsewhere as they can stand in the body that is being passed on to the client; none where they cannot.
    func framed(_ words: [UInt8]) -> [UInt8]

    /// The last piece of a body has gone the way of its head.
    mutating func bodyEnded(_ direction: Direction)

    /// Whether there is something to be recorded beside the verdict that was just given.
    var hasFacts: Bool { get }

    /// What is to be recorded beside the verdict that was just given.
    mutating func takeFacts(into actions: inout [ProxyAction])

    /// What becomes of the message that a question has held back.
    mutating func settle(_ question: Question, _ answer: Answer) -> Verdict

    /// Words to whoever waits for a question: what it is about, and under which number it is answered.
    mutating func notice(of question: Question, number: UInt64) -> [UInt8]

    /// Whether such words are the beginning of the answer to what waits: whatever answers it goes on behind them.
    var noticesOpenAnswers: Bool { get }

    /// Further words to whoever waits for a question, so that it goes on waiting; empty where it has them by another way,
    /// `nil` where it needs none any more.
    mutating func reminder() -> [UInt8]?

    /// How often those are said; `nil`: never.
    var reminderPeriod: Duration? { get }

    /// Whether the rest of a connection that can no longer be read may go on as mere bytes.
    func passesOpaque(_ reason: OpaqueReason) -> Bool

    /// Nothing is under way and nothing is held open: the connection may end here without harm.
    var isAtRest: Bool { get }

    /// Why the connection will end, once one of its sides has announced that.
    var announcedEnd: String? { get }

    /// Everything has been said: the connection ends, and ``announcedEnd`` says why.
    var isOver: Bool { get }

    /// The last words to a client whose connection ends for `cause`; none where the protocol has none to say.
    mutating func farewell(_ cause: FarewellCause) -> [UInt8]
}

extension Interceptor {
    public mutating func secret(
        inBody piece: Span<UInt8>, _ direction: Direction
    ) -> (range: Range<Int>, reason: String)? { nil }

    public mutating func replacement(
        ofBody piece: Span<UInt8>, _ direction: Direction
    ) -> (bytes: [UInt8], reason: String)? { nil }

    public func framed(_ words: [UInt8]) -> [UInt8] { [] }
    public var isOver: Bool { false }
    public var noticesOpenAnswers: Bool { false }
    public var reminderPeriod: Duration? { nil }
    public mutating func reminder() -> [UInt8]? { nil }
    public var hasFacts: Bool { false }
    public mutating func bodyEnded(_ direction: Direction) {}
    public mutating func takeFacts(into actions: inout [ProxyAction]) {}
}
