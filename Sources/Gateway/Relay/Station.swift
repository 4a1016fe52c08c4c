import Protocols
import Recorder
import Synchronization
import Transport

/// A connection, as whoever runs the gateway sees it.
protocol Connection: Actor {
    /// The session's.
    nonisolated var number: UInt64 { get }
    var state: LiveSession.State { get }
    var live: LiveSession { get }
    func drain()
    func end(_ cause: FarewellCause)
}

extension Connection {
    /// To be read on the connection's loop, which is its executor.
    nonisolated var stateOnLoop: LiveSession.State { assumeIsolated { $0.state } }
    nonisolated var liveOnLoop: LiveSession { assumeIsolated { $0.live } }
}

/// What the connections of one loop share: the loop's lane of the recorder, and who waits for it. Confined to the loop,
/// except where a member says otherwise.
@safe
final class Station: @unchecked Sendable {
    let loop: EventLoop
    let lane: RecorderLane
    let counters = LoopCounters()
    /// Connections to upstreams that wait for their next use.
    let upstreams: UpstreamPool
    /// Where questions are put; shared by all loops.
    let desk: QuestionDesk
    private(set) var isDraining = false
    private let isStrict: Bool
    let log: Log
    private var connections: [ObjectIdentifier: any Connection] = [:]
    private let count = Atomic<Int>(0)
    /// Sockets that keep bytes back until the journal holds them durably.
    private var held: [ObjectIdentifier: Socket] = [:]
    private var waitingForRoom: [UnsafeContinuation<Void, Never>] = unsafe []
    private var waitingForEmptiness: UnsafeContinuation<Void, Never>?

    init(_ loop: EventLoop, _ lane: RecorderLane, _ desk: QuestionDesk, isStrict: Bool, log: Log) {
        self.desk = desk
        self.loop = loop
        upstreams = UpstreamPool(loop)
        self.lane = lane
        self.isStrict = isStrict
        self.log = log
        lane.setHandlers(
            onDurable: { [unowned self] position in
                if isStrict { loop.execute { self.release(upTo: position) } }
            },
            onRoom: { [unowned self] in loop.execute { self.roomCame() } })
    }

    // MARK: Connections

    /// How many connections this loop serves. May be read anywhere.
    var connectionCount: Int { count.load(ordering: .relaxed) }

    func join(_ connection: some Connection, _ client: Socket) {
        connections[ObjectIdentifier(connection)] = connection
        count.store(connections.count, ordering: .relaxed)
        admit(client)
    }

    func leave(_ connection: some Connection) {
        connections[ObjectIdentifier(connection)] = nil
        count.store(connections.count, ordering: .relaxed)
        if connections.isEmpty { unsafe waitingForEmptiness.take()?.resume() }
    }

    /// Lets no connection begin, lets each come to rest, ends those that have not within the limit. Returns when none is left.
    func drain(within limit: Duration) async {
        isDraining = true
        for connection in connections.values {
            Task(executorPreference: loop) { await connection.drain() }
        }
        let timer = loop.schedule(after: limit) { [self] in
            for connection in connections.values {
                Task(executorPreference: loop) { await connection.end(.draining) }
            }
        }
        if !connections.isEmpty {
            // SAFETY: `leave` takes it out before it resumes it, once.
            unsafe await withUnsafeContinuation { unsafe waitingForEmptiness = $0 }
        }
        timer.cancel()
        upstreams.close()
    }

    // MARK: Control

    /// The open sessions of this loop.
    var sessions: [LiveSession] { connections.values.map(\.liveOnLoop) }

    /// How many connections are in each state.
    var states: [LiveSession.State: Int] {
        connections.values.reduce(into: [:]) { $0[$1.stateOnLoop, default: 0] += 1 }
    }

    /// Ends the connection of a session; false when this loop has none of that number.
    func end(_ number: UInt64, _ cause: FarewellCause) -> Bool {
        guard let connection = connections.values.first(where: { $0.number == number }) else { return false }
        counters.killed.add()
        Task(executorPreference: loop) { await connection.end(cause) }
        return true
    }

    // MARK: The journal

    /// Returns once the journal has room for another read.
    func room() async {
        while !lane.hasRoom {
            // SAFETY: `roomCame` takes it out before it resumes it, once.
            unsafe await withUnsafeContinuation { unsafe waitingForRoom.append($0) }
        }
    }

    /// A socket joins: what is appended may go at once, or only when durable.
    func admit(_ socket: Socket) {
        if !isStrict { socket.release(upTo: .max) }
    }

    /// Bytes were sent; in strict mode they may wait for a sync, which then starts as soon as none runs.
    func sent(on socket: Socket) {
        guard isStrict, socket.queuedBytes > 0 else { return }
        held[ObjectIdentifier(socket)] = socket
        lane.requestSync()
    }

    private func release(upTo position: JournalPosition) {
        for (id, socket) in held {
            socket.release(upTo: position)
            if socket.queuedBytes == 0 || socket.isClosed { held[id] = nil }
        }
        if !held.isEmpty { lane.requestSync() }
    }

    private func roomCame() {
        var waiters = unsafe exchange(&waitingForRoom, with: [])
        while let waiter = unsafe waiters.popLast() { unsafe waiter.resume() }
    }
}
