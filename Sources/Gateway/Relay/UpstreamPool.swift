import Protocols
import Transport

/// Connections to upstreams on which nothing is under way, kept for whoever needs one next. Bounded; confined to one loop.
///
/// A key names the target and, where the upstream's credential or session is one caller's own, that caller: a connection
/// never goes to somebody else.
@safe
final class UpstreamPool: @unchecked Sendable {
    struct Key: Hashable, Sendable {
        var target: String
        /// `nil`: the connection is like any other to this target.
        var caller: String?
    }

    private struct Kept {
        var socket: Socket
        /// Nanoseconds of the monotonic clock.
        var since: UInt64
    }

    private let loop: EventLoop
    private var kept: [Key: [Kept]] = [:]
    private(set) var count = 0
    private var isClosed = false
    private var sweep: LoopTimer?

    /// Of one key, and of all of them.
    private static let keyMaximum = 32
    private static let countMaximum = 256
    /// A server that leaves before that is seen leaving; nanoseconds.
    private static let patience: UInt64 = 60_000_000_000

    init(_ loop: EventLoop) { self.loop = loop }

    /// The connection that was last in use, if it still stands.
    func take(_ key: Key) -> Socket? {
        while let last = kept[key]?.popLast() {
            count -= 1
            if isUsable(last) { return last.socket }
            last.socket.close()
        }
        return nil
    }

    /// Keeps a connection, or closes it where there are enough.
    func give(_ socket: Socket, _ key: Key) {
        guard !isClosed, !socket.isClosed, !socket.isHungUp, socket.queuedBytes == 0, count < Self.countMaximum,
            kept[key, default: []].count < Self.keyMaximum
        else { return socket.close() }
        kept[key, default: []].append(Kept(socket: socket, since: loop.now.monotonicNanoseconds))
        count += 1
        scheduleSweep()
    }

    /// Closes all, and keeps none from now on.
    func close() {
        isClosed = true
        sweep?.cancel()
        for entry in exchange(&kept, with: [:]).values.joined() { entry.socket.close() }
        count = 0
    }

    private func isUsable(_ entry: Kept) -> Bool {
        !entry.socket.isClosed && !entry.socket.hasHungUp()
            && loop.now.monotonicNanoseconds < entry.since + Self.patience
    }

    private func scheduleSweep() {
        guard sweep == nil, count > 0 else { return }
        sweep = loop.schedule(after: .seconds(1)) { [weak self] in self?.drop() }
    }

    private func drop() {
        sweep = nil
        for (key, entries) in kept {
            let usable = entries.filter(isUsable)
            for entry in entries where !isUsable(entry) { entry.socket.close() }
            count -= entries.count - usable.count
            kept[key] = usable.isEmpty ? nil : usable
        }
        scheduleSweep()
    }
}
