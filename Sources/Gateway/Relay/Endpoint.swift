import Protocols
import Transport

/// What one protocol brings to the common relay: a decoder, an interceptor, and the way to its upstream.
protocol Endpoint: Sendable {
    associatedtype Decoder: WireDecoder
    associatedtype Policy: Interceptor where Policy.Message == Decoder.Message

    static var protocolID: ProtocolID { get }

    /// The upstream's name in recordings and lists; no credential.
    var target: String { get }

    /// Words to a client that is not let in at all.
    func refusal(_ cause: FarewellCause) -> [UInt8]

    /// A fresh decoder for one connection.
    func makeDecoder() -> Decoder

    /// A fresh interceptor for one connection.
    func makePolicy() -> Policy

    /// Reaches the upstream for what the interceptor's client asked for. Runs on the connection's loop.
    nonisolated(nonsending) func dial(_ policy: Policy, on loop: EventLoop) async -> Dialed

    /// The connection has ended; whatever was kept for it goes.
    func ended(_ policy: Policy)
}

/// What became of a dial.
enum Dialed: Sendable {
    /// The upstream is there. `verdict` is on the message that asked for it; `head` is what the upstream has already
    /// said and the client is to get.
    case connected(Socket, verdict: Verdict, head: [UInt8], notes: [String])
    /// There is nothing to relay. The verdict is on the message that asked, and may hold last words.
    case ended(Verdict, reason: String, notes: [String])
}
