import Protocols

/// What rules say about the requests of one connection, and about what is answered to them. Asked by ``HTTPInterceptor``;
/// where there is none, everything is allowed.
protocol HTTPJudge: Sendable {
    /// How much of a request has to be seen before it can be judged.
    mutating func sight(of head: HTTPRequestHead, _ bytes: Span<UInt8>, _ caller: Identity) -> HTTPSight

    /// - Parameter content: `nil` where it was not asked for; without chunk framing and in the coding that it came in.
    mutating func judge(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, content: [UInt8]?, _ caller: Identity
    ) -> HTTPJudgement

    /// The question that the last judgement asked has been settled.
    mutating func settle(_ question: Question, _ answer: Answer) -> HTTPJudgement

    /// The calls of the last request that have been asked about, the present one last; where their client can take them back.
    var asked: [HeldCalls.Call] { get }

    /// Whether answers to the last request may have to be read, so that none is to come compressed.
    var readsAnswers: Bool { get }

    /// A stream of revision 2024-11-05 has named the session that it belongs to.
    mutating func begin(session key: String)

    /// The stream is over.
    mutating func streamEnded()

    /// That session, while its stream lasts.
    var opened: SessionPins.Session? { get }

    /// Says events to the client of this connection, where they can stand in what it reads.
    var say: SessionStreams.Say? { get set }

    /// Whether the client of the last request reads its answer in the stream of its session, of revision 2024-11-05.
    var answersInSession: Bool { get }

    /// Says events there; false where that is not open any more.
    func say(inSession events: [UInt8]) -> Bool

    /// How much of the answer to the last request has to be seen before it may pass.
    mutating func sight(of head: HTTPResponseHead, _ bytes: Span<UInt8>) -> HTTPSight

    /// What the client gets of a response's content that was asked for.
    mutating func edit(_ content: [UInt8], of head: HTTPResponseHead) -> HTTPEdit

    /// What the client gets of an event of a stream: lines up to an empty one.
    mutating func edit(events block: [UInt8]) -> HTTPEdit
}

extension HTTPJudge {
    var asked: [HeldCalls.Call] { [] }
    var readsAnswers: Bool { false }
    mutating func begin(session key: String) {}
    mutating func streamEnded() {}
    var opened: SessionPins.Session? { nil }
    var say: SessionStreams.Say? {
        get { nil }
        set {}
    }
    var answersInSession: Bool { false }
    func say(inSession events: [UInt8]) -> Bool { false }
    mutating func edit(events block: [UInt8]) -> HTTPEdit { .unchanged }
}

enum HTTPSight: Sendable, Equatable {
    case head
    /// All of it, up to so many bytes; one that is longer is refused.
    case content(limit: Int)
    /// All of it, event by event as they come, each up to so many bytes; those that are longer do not pass.
    case events(limit: Int)
}

enum HTTPJudgement: Sendable, Equatable {
    case allow
    /// A part of the request's content goes on, and the client gets answers of the gateway's besides the upstream's.
    case allowPart(HTTPPart)
    /// The client gets this answer, and the upstream nothing.
    case deny(HTTPAnswer, rule: String)
    /// - Parameter calls: what waits, where those are calls.
    case ask(Question, [RPCCall])
}

enum HTTPEdit: Sendable, Equatable {
    case unchanged
    case edited([UInt8], reason: String)
    /// It may not pass; the client is told so.
    case refused(rule: String)
}
