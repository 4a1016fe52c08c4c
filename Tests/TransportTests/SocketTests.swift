import Glibc
import Testing

import WireTestKit

@testable import Transport

@Suite(.timeLimit(.minutes(5)))
struct SocketTests {
    /// A socket behaves alike without and with TLS.
    enum Leg: CaseIterable { case plain, tls }

    /// Runs `body` with two ends of a connection.
    private func withPair(
        _ leg: Leg = .plain, _ body: @escaping @Sendable (Socket, Socket) async throws -> Void
    ) async throws {
        guard leg == .plain else { return try await withSession(body) }
        try await withLoops(1) { group in
            try await on(group.loops[0]) { _ in
                let (client, server) = try await connectedPair(group)
                try await body(client, server)
                client.close()
                server.close()
            }
            #expect(group.connectionCount == 0)
        }
    }

    @Test(arguments: [true, false], Leg.allCases)
    func `each end may end first, and the other's bytes still arrive`(_ isClientFirst: Bool, _ leg: Leg) async throws {
        try await withPair(leg) { client, server in
            let (first, second) = isClientFirst ? (client, server) : (server, client)
            try first.send([1, 2, 3].span)
            first.shutdownWrite()
            #expect(try await readAll(second) == [1, 2, 3])
            try second.send([4, 5].span)
            second.shutdownWrite()
            #expect(try await readAll(first) == [4, 5])
            #expect(try await readAll(first) == [], "the end can be read again")
        }
    }

    @Test(arguments: Leg.allCases)
    func `closing wakes a parked reader, which is told`(_ leg: Leg) async throws {
        try await withPair(leg) { client, _ in
            let reader = Task(executorPreference: client.loop) { try await readAll(client) }
            await Task.yield()
            client.close()
            client.close()
            await #expect(throws: TransportError.closed) { try await reader.value }
        }
    }

    @Test(arguments: Leg.allCases)
    func `a reset is an error for the reader and, for good, for the writer`(_ leg: Leg) async throws {
        try await withPair(leg) { client, server in
            server.reset()
            await #expect(throws: TransportError.system(.read, errno: ECONNRESET)) { try await readAll(client) }
            #expect(throws: TransportError.system(.write, errno: EPIPE)) { try client.send([1].span) }
            #expect(throws: TransportError.system(.write, errno: EPIPE)) { try client.send([1].span) }
        }
    }

    @Test(arguments: Leg.allCases)
    func `nothing leaves before its position is released, and then all of it in order`(_ leg: Leg) async throws {
        try await withPair(leg) { client, server in
            try client.send([1].span)
            try client.send([2, 2].span, position: 10)
            try client.send([3].span, position: 20)
            try client.send([4].span, position: 20)
            #expect(client.queuedBytes == 4)
            client.release(upTo: 9)
            #expect(client.queuedBytes == 4)
            client.release(upTo: 10)
            #expect(client.queuedBytes == 2)
            #expect(try await read(3, from: server) == [1, 2, 2])
            client.shutdownWrite()
            client.release(upTo: 25)
            #expect(try await readAll(server) == [3, 4])
        }
    }

    @Test func `what goes on leaves with the rest`() async throws {
        try await withPair { client, server in
            var wasHeld = false
            // The kernel waits for 200 ms, and on a busy machine the look may come later than that.
            for _ in 0..<100 where !wasHeld {
                try client.send([1].span, goesOn: true)
                wasHeld = try server.peek(1) == nil
                try client.send([2].span)
                #expect(try await read(2, from: server) == [1, 2])
            }
            #expect(wasHeld)
        }
    }

    @Test func `what goes on is encrypted at once, and leaves with the rest`() async throws {
        try await withPair(.tls) { client, server in
            try client.send([1].span, goesOn: true)
            #expect(client.queuedBytes > 0)
            try client.send([2].span)
            #expect(client.queuedBytes == 0)
            #expect(try await read(2, from: server) == [1, 2])
        }
    }

    @Test func `positions beyond what is remembered wait for the last of them`() async throws {
        try await withPair { client, server in
            for position in 1...3000 { try client.send([UInt8(position & 0xFF)].span, position: UInt64(position)) }
            client.release(upTo: 1023)
            #expect(client.queuedBytes == 3000 - 1023)
            client.release(upTo: 3000)
            #expect(client.queuedBytes == 0)
            #expect(try await read(3000, from: server) == (1...3000).map { UInt8($0 & 0xFF) })
        }
    }

    @Test(arguments: Leg.allCases)
    func `a slow peer's queue stays bounded, and its lane goes on below the mark`(_ leg: Leg) async throws {
        try await withPair(leg) { client, server in
            let piece = [UInt8](repeating: 7, count: 64 << 10)
            var sent = 0
            while !client.isAboveMark {
                try client.send(piece.span)
                sent += piece.count
            }
            #expect(client.queuedBytes <= client.mark + 2 * piece.count)
            let (total, loop) = (sent, server.loop)
            async let received = read(total, from: server)
            await client.belowMark()
            #expect(loop.isCurrent)
            #expect(client.queuedBytes <= client.mark)
            #expect(try await received.count == total)
        }
    }

    @Test(arguments: Leg.allCases)
    func `a queue beyond its limit is refused, once and for all`(_ leg: Leg) async throws {
        try await withPair(leg) { client, _ in
            client.queueLimit = 100
            try client.send([UInt8](repeating: 0, count: 100).span, position: 1)
            #expect(throws: TransportError.queueFull(limit: 100)) { try client.send([1].span, position: 1) }
            #expect(throws: TransportError.queueFull(limit: 100)) { try client.send([1].span, position: 1) }
        }
    }

    @Test(arguments: Leg.allCases)
    func `draining delivers all before it closes, though the peer had sent what nobody read`(_ leg: Leg) async throws {
        try await withPair(leg) { client, server in
            try client.send([UInt8](repeating: 1, count: 5000).span)
            let answer = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            server.queueLimit = .max
            try server.send(answer.span)
            server.drainThenClose(within: .seconds(60))
            #expect(try await readAll(client) == answer)
            client.close()
            try await server.loop.wait { server.isClosed }
        }
    }

    @Test func `a socket that has drained is freed`() async throws {
        try await withLoops(1) { group in
            try await on(group.loops[0]) { loop in
                weak var drained: Socket?
                do {
                    let (client, server) = try await connectedPair(group)
                    drained = server
                    server.drainThenClose(within: .seconds(60))
                    client.close()
                }
                try await loop.wait { drained == nil }
            }
        }
    }

    @Test(arguments: Leg.allCases)
    func `draining gives up on a peer that does not read`(_ leg: Leg) async throws {
        try await withPair(leg) { client, server in
            try server.send([UInt8](repeating: 1, count: 8 << 20).span)
            server.drainThenClose(within: .milliseconds(20))
            try await server.loop.wait { server.isClosed }
            #expect(client.queuedBytes == 0)
        }
    }

    @Test(arguments: Leg.allCases)
    func `draining has time for a peer that reads slowly, longer than for one that does not read`(
        _ leg: Leg
    ) async throws {
        try await withPair(leg) { client, server in
            let answer = [UInt8](repeating: 1, count: 8 << 20)
            try server.send(answer.span)
            // A machine that stands still for so long shows nobody reading, and is not what is meant.
            let limit = Duration.seconds(5)
            server.drainThenClose(within: limit)
            let begun = ContinuousClock.now
            var received = 0
            while begun.duration(to: .now) < limit * 2 {
                received += try await read(1, from: client).count
                try await client.loop.sleep(for: limit / 25)
            }
            #expect(try await received + readAll(client).count == answer.count)
        }
    }

    @Test(arguments: Leg.allCases)
    func `a peer that resets while bytes are queued ends the queue and wakes who waits for it`(_ leg: Leg) async throws
    {
        try await withPair(leg) { client, server in
            try client.send([UInt8](repeating: 1, count: 8 << 20).span)
            async let waiter: Void = client.belowMark()
            await Task.yield()
            server.reset()
            await waiter
            #expect(client.queuedBytes == 0)
            #expect(throws: TransportError.self) { try client.send([1].span) }
        }
    }

    @Test func `a parked lane learns that the peer hung up, though nobody reads`() async throws {
        try await withPair { client, server in
            try client.send([1].span)
            async let hungUp = server.hungUp()
            await Task.yield()
            #expect(!server.isHungUp)
            client.close()
            #expect(await hungUp)
            #expect(try await readAll(server) == [1])
        }
    }

    @Test func `a watch for hanging up can be cancelled`() async throws {
        try await withPair { _, server in
            let watch = Task(executorPreference: server.loop) { await server.hungUp() }
            await Task.yield()
            watch.cancel()
            #expect(await !watch.value)
        }
    }

    @Test func `nobody listens: the connection is refused`() async throws {
        try await withLoops(1) { group in
            try await on(group.loops[0]) { loop in
                let port = ReservedPort()
                let address = SocketAddress.loopback(port: port.number)
                await #expect(throws: TransportError.system(.connect, errno: ECONNREFUSED)) {
                    try await Socket.connect(to: address, on: loop, within: .seconds(60))
                }
                #expect(loop.connectionCount == 0)
                withExtendedLifetime(port) {}
            }
        }
    }
}
