import Protocols

/// Reads the bytes of one connection for its exchanges. Never fails: what cannot be read is said in the last ones.
protocol HARConversation: Sendable {
    var connection: HARConnection { get }
    /// Why nothing can be read any more, and from where on.
    var failure: String? { get }
    /// Bytes that are held of all exchanges.
    var heldCount: Int { get }

    /// - Parameter room: bytes that may be held of all exchanges, those held included.
    mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp, room: Int)
    mutating func gap(_ length: UInt64, _ direction: Direction, at time: Timestamp)
    mutating func annotation(_ note: Annotation)
    /// The recording ends here.
    mutating func finish(at time: Timestamp)
    /// The exchanges that are over, and on which all notes have been seen.
    mutating func drain() -> [HARExchange]
}

/// Finds exchanges in what a decoder finds. One implementation for each version of HTTP.
protocol HARExchanges: Sendable {
    associatedtype Decoder: WireDecoder

    var heldCount: Int { get }

    init()
    mutating func take(
        _ event: WireEvent<Decoder.Message>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp, room: Int)
    /// - Parameter decoder: knows of the hole already.
    mutating func gap(_ length: UInt64, _ direction: Direction, _ decoder: Decoder, at time: Timestamp)
    mutating func annotation(_ note: Annotation)
    /// Whatever is under way goes on where nobody sees it.
    mutating func abandon(_ reason: String)
    mutating func finish()
    mutating func drain() -> [HARExchange]
}

/// A connection that speaks one version of HTTP.
struct HARSession<Exchanges: HARExchanges>: HARConversation {
    let connection: HARConnection
    private(set) var failure: String?
    private var session: TimedSession<Exchanges.Decoder>
    private var exchanges = Exchanges()

    init(_ connection: HARConnection, limits: WireLimits) {
        self.connection = connection
        session = TimedSession(Exchanges.Decoder(limits: limits), limits: limits)
    }

    var heldCount: Int { exchanges.heldCount }

    mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp, room: Int) {
        guard failure == nil, bytes.count > 0 else { return }
        do throws(WireFault) {
            let starts = session.starts(at: time)
            try session.feed(bytes, direction, starts) { event, direction, offset, bytes in
                exchanges.take(event, direction, offset, bytes, start: starts[direction, offset], at: time, room: room)
            }
        } catch { fail("\(error)") }
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, at time: Timestamp) {
        guard failure == nil else { return }
        do throws(WireFault) { try session.gap(length, direction) } catch { return fail("\(error)") }
        exchanges.gap(length, direction, session.decoder, at: time)
    }

    mutating func annotation(_ note: Annotation) { exchanges.annotation(note) }

    mutating func finish(at time: Timestamp) { exchanges.finish() }

    mutating func drain() -> [HARExchange] { exchanges.drain() }

    private mutating func fail(_ reason: String) {
        failure = reason
        exchanges.abandon("the connection cannot be read further: \(reason)")
    }
}
