import Glibc
import Protocols
import Synchronization
import Testing
import Transport
import WireTestKit

/// Loops, and whatever a test opens on them; everything ends with the test.
func withLoops<Value: Sendable>(
    _ count: Int = 2, _ body: @Sendable (EventLoopGroup) async throws -> Value
) async throws -> Value {
    let group = EventLoopGroup(count: count)
    do {
        let value = try await body(group)
        await group.stop()
        return value
    } catch {
        await group.stop()
        throw error
    }
}

/// Runs `body` in a task on the loop, as the code of a connection runs.
func on<Value: Sendable>(
    _ loop: EventLoop, _ body: @escaping @Sendable (EventLoop) async throws -> Value
) async throws -> Value {
    try await Task(executorPreference: loop) { try await body(loop) }.value
}

/// A listener on a free port of 127.0.0.1, or on a path.
func listen(
    _ group: EventLoopGroup, on address: SocketAddress = .loopback(port: 0), limit: Int = 1000,
    serve: @escaping @Sendable (Socket) async -> Void = echo
) throws -> Acceptor {
    try Acceptor(on: address, group: group, gate: ConnectionGate(limit: limit), serve: serve)
}

/// Two ends of one connection, both on the loop of a group that has just one.
func connectedPair(_ group: EventLoopGroup) async throws -> (client: Socket, server: Socket) {
    let accepted = Promise<Socket>()
    let acceptor = try listen(group) { await accepted.fulfil($0) }
    let client = try await Socket.connect(to: acceptor.address, on: group.loops[0], within: .seconds(60))
    let server = await accepted.value
    acceptor.stop()
    return (client, server)
}

/// Sends back what comes, until the peer ends.
func echo(_ socket: Socket) async {
    do {
        while true {
            await socket.readable()
            var buffer = socket.loop.lease()
            guard let count = try socket.read(into: &buffer) else { continue }
            if count == 0 { break }
            try socket.send(buffer.bytes)
            if socket.isAboveMark { await socket.belowMark() }
        }
        socket.drainThenClose()
    } catch { socket.close() }
}

/// Reads until the end.
func readAll(_ socket: Socket) async throws(TransportError) -> [UInt8] {
    try await read(.max, from: socket)
}

/// Reads that many bytes, or until the end.
func read(_ count: Int, from socket: Socket) async throws(TransportError) -> [UInt8] {
    var all: [UInt8] = []
    while all.count < count {
        await socket.readable()
        var buffer = socket.loop.lease()
        guard let length = try socket.read(into: &buffer) else { continue }
        if length == 0 { break }
        all.append(buffer.bytes)
    }
    return all
}

/// A value that arrives once, for any number of tasks that wait for it.
actor Promise<Value: Sendable> {
    private var fulfilled: Value?
    private var waiting: [CheckedContinuation<Value, Never>] = []

    func fulfil(_ value: Value) {
        fulfilled = value
        for continuation in waiting { continuation.resume(returning: value) }
        waiting = []
    }

    var value: Value {
        get async {
            if let fulfilled { return fulfilled }
            return await withCheckedContinuation { waiting.append($0) }
        }
    }
}

/// Counts across threads.
final class Counter: Sendable {
    private let value = Atomic(0)

    var count: Int { value.load(ordering: .relaxed) }

    @discardableResult
    func increment() -> Int { value.add(1, ordering: .relaxed).newValue }

    func decrement() { value.subtract(1, ordering: .relaxed) }

    func raise(to least: Int) { value.max(least, ordering: .relaxed) }
}

extension EventLoop {
    /// Lets other jobs, timers and events of the loop go first until this holds; a hang is the test's time limit.
    func wait(until condition: () -> Bool) async throws {
        while !condition() { try await sleep(for: .milliseconds(1)) }
    }
}
