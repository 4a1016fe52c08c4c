import Glibc

/// The loops of a process, one per core unless told otherwise.
public final class EventLoopGroup: Sendable {
    public let loops: [EventLoop]

    /// Starts the loops.
    public init(count: Int = EventLoopGroup.coreCount) {
        precondition(count > 0)
        loops = (0..<count).map { _ in EventLoop() }
        for (index, loop) in loops.enumerated() { loop.start(name: "loop-\(index)") }
    }

    public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The loop with the fewest connections.
    public var leastBusy: EventLoop {
        loops.min { $0.connectionCount < $1.connectionCount } ?? loops[0]
    }

    public var connectionCount: Int { loops.reduce(0) { $0 + $1.connectionCount } }

    /// Stops all loops; see `EventLoop.stop`.
    public func stop() async {
        for loop in loops { await loop.stop() }
    }
}
