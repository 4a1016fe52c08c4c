import Protocols
import Synchronization

/// Calls that wait for a person's answer, so that their clients can take them back: MCP's `notifications/cancelled` comes on
/// another connection. Shared by all loops.
final class HeldCalls: Sendable {
    /// Ids are unique within a session, which belongs to one principal.
    struct Call: Hashable, Sendable {
        var session: SessionPins.Session
        var id: JSON
    }

    private let cancellations = Mutex<[Call: @Sendable () -> Void]>([:])

    /// - Parameter cancelled: called, on any thread, when the client has taken the call back; `nil`: it waits no more.
    func waits(_ call: Call, cancelled: (@Sendable () -> Void)?) {
        cancellations.withLock { $0[call] = cancelled }
    }

    func cancel(_ call: Call) { cancellations.withLock { $0[call] }?() }

    var count: Int { cancellations.withLock { $0.count } }
}
