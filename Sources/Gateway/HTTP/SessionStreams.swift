import Protocols
import Synchronization

/// The streams of open sessions of MCP's revision 2024-11-05: clients read all answers there, and none in the response to what
/// they POST. Shared by all loops.
final class SessionStreams: Sendable {
    /// Says an event to the client of a stream; may be called on any thread.
    typealias Say = @Sendable ([UInt8]) -> Void

    private let streams = Mutex<[SessionPins.Session: Say]>([:])

    func open(_ session: SessionPins.Session, _ say: @escaping Say) { streams.withLock { $0[session] = say } }

    func close(_ session: SessionPins.Session) { streams.withLock { $0[session] = nil } }

    func isOpen(_ session: SessionPins.Session) -> Bool { streams.withLock { $0[session] != nil } }

    /// Says events to the client of a session; false where it has no open stream.
    func say(_ events: [UInt8], to session: SessionPins.Session) -> Bool {
        guard let say = streams.withLock({ $0[session] }) else { return false }
        say(events)
        return true
    }

    var count: Int { streams.withLock { $0.count } }
}
