import Protocols
import Synchronization

/// Whose each MCP session is. A session's id is no proof of who calls (MCP, "Security Best Practices", Session Hijacking):
/// it counts together with the principal that it was given to, and on that target alone.
///
/// Bounded, so that callers cannot fill the memory with sessions: where one principal has too many, its own that was used
/// longest ago is forgotten. A session that is forgotten is answered like one that is over (404), and clients begin another.
final class SessionPins: Sendable {
    struct Session: Hashable, Sendable {
        var target: String
        var id: [UInt8]
    }

    private let table: Mutex<SessionTable>

    /// - Parameters:
    ///   - perPrincipal: sessions of one principal that are kept; a count.
    ///   - total: sessions of all of them.
    init(perPrincipal: Int = 1_000, total: Int = 100_000) {
        table = Mutex(SessionTable(perPrincipal: perPrincipal, total: total))
    }

    /// A server has given a session to a principal. What is another one's stays that one's.
    ///
    /// - Returns: whether it is this principal's now.
    func pin(_ session: Session, to principal: String) -> Bool {
        table.withLock { table in
            if table.uses(session, principal) { return true }
            return table.keep(session, principal)
        }
    }

    /// Whether the session is known to be this principal's.
    func isPinned(_ session: Session, to principal: String) -> Bool { table.withLock { $0.uses(session, principal) } }

    /// Whether it is known to be somebody else's.
    func isPinned(_ session: Session, toOtherThan principal: String) -> Bool {
        table.withLock { $0.belongs(session, toOtherThan: principal) }
    }

    /// The session is over.
    func forget(_ session: Session) { table.withLock { $0.remove(session) } }

    var count: Int { table.withLock { $0.count } }
}

private struct SessionTable {
    let perPrincipal: Int
    let total: Int
    private var owners: [SessionPins.Session: String] = [:]
    /// When each was used last, in uses of all.
    private var uses: [String: [SessionPins.Session: UInt64]] = [:]
    private var useCount: UInt64 = 0

    init(perPrincipal: Int, total: Int) {
        self.perPrincipal = perPrincipal
        self.total = total
    }

    var count: Int { owners.count }

    mutating func uses(_ session: SessionPins.Session, _ principal: String) -> Bool {
        guard owners[session] == principal else { return false }
        useCount += 1
        uses[principal]?[session] = useCount
        return true
    }

    func belongs(_ session: SessionPins.Session, toOtherThan principal: String) -> Bool {
        owners[session].map { $0 != principal } ?? false
    }

    mutating func keep(_ session: SessionPins.Session, _ principal: String) -> Bool {
        guard owners[session] == nil else { return false }
        if uses[principal, default: [:]].count >= perPrincipal { removeOldest(of: principal) }
        if owners.count >= total, let other = uses[principal] == nil ? uses.first?.key : principal {
            removeOldest(of: other)
        }
        useCount += 1
        owners[session] = principal
        uses[principal, default: [:]][session] = useCount
        return true
    }

    mutating func remove(_ session: SessionPins.Session) {
        guard let principal = owners.removeValue(forKey: session) else { return }
        uses[principal]?[session] = nil
        if uses[principal]?.isEmpty == true { uses[principal] = nil }
    }

    private mutating func removeOldest(of principal: String) {
        guard let oldest = uses[principal]?.min(by: { $0.value < $1.value }) else { return }
        remove(oldest.key)
    }
}
