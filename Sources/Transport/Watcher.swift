/// Something with a descriptor that a loop watches. The loop keeps it alive until it is closed.
// Unchecked: confined to its loop.
public class Watcher: @unchecked Sendable {
    let descriptor: Int32
    /// What the loop knows it by; nil while it is not watched.
    var key: UInt64?

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Takes note of events. Runs before the turn's jobs.
    func signal(_ events: Poller.Events) {}

    /// The loop stops: close, and wake whoever waits.
    func abort() {}
}

/// Who is watched under which key. A key holds a slot's number and its generation, so that an event which epoll
/// reported before a descriptor was closed never reaches the slot's next owner.
struct WatcherTable {
    private struct Slot {
        var watcher: Watcher?
        var generation: UInt32 = 0
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    var isEmpty: Bool { slots.count == free.count }
    var all: [Watcher] { slots.compactMap(\.watcher) }

    subscript(key: UInt64) -> Watcher? {
        let slot = slots[Int(key & 0xFFFF_FFFF)]
        return slot.generation == UInt32(key >> 32) ? slot.watcher : nil
    }

    mutating func insert(_ watcher: Watcher) -> UInt64 {
        let index = free.popLast() ?? UInt32(slots.count)
        if index == slots.count { slots.append(Slot()) }
        slots[Int(index)].watcher = watcher
        return UInt64(slots[Int(index)].generation) << 32 | UInt64(index)
    }

    mutating func remove(_ key: UInt64) {
        let index = Int(key & 0xFFFF_FFFF)
        slots[index].watcher = nil
        slots[index].generation &+= 1
        free.append(UInt32(index))
    }
}
