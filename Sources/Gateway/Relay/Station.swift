import Protocols
import Recorder
import Transport

/// What the connections of one loop share: the loop's lane of the recorder, and who waits for it. Confined to the loop.
@safe
final class Station: @unchecked Sendable {
    let loop: EventLoop
    let lane: RecorderLane
    private let isStrict: Bool
    /// Sockets that keep bytes back until the journal holds them durably.
    private var held: [ObjectIdentifier: Socket] = [:]
    private var waitingForRoom: [UnsafeContinuation<Void, Never>] = unsafe []

    init(_ loop: EventLoop, _ lane: RecorderLane, isStrict: Bool) {
        self.loop = loop
        self.lane = lane
        self.isStrict = isStrict
        lane.setHandlers(
            onDurable: { [unowned self] position in
                if isStrict { loop.execute { self.release(upTo: position) } }
            },
            onRoom: { [unowned self] in loop.execute { self.roomCame() } })
    }

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

    func dismiss(_ socket: Socket?) {
        if let socket { held[ObjectIdentifier(socket)] = nil }
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
