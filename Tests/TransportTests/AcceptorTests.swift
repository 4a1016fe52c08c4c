import CLinux
import Glibc
import Synchronization
import Testing
import WireTestKit

@testable import Transport

@Suite(.timeLimit(.minutes(5)))
struct AcceptorTests {
    @Test func `beyond the limit a connection waits until another ends`() async throws {
        try await withLoops(2) { group in
            let gate = ConnectionGate(limit: 2)
            let acceptor = try Acceptor(on: .loopback(port: 0), group: group, gate: gate, serve: echo)
            try await on(group.loops[0]) { loop in
                var sockets: [Socket] = []
                for _ in 0..<3 {
                    sockets.append(try await Socket.connect(to: acceptor.address, on: loop, within: .seconds(60)))
                }
                for socket in sockets { try socket.send([1].span) }
                for socket in sockets[..<2] { #expect(try await read(1, from: socket) == [1]) }
                #expect(gate.count == 2)
                sockets[0].close()
                #expect(try await read(1, from: sockets[2]) == [1])
                #expect(gate.count <= 2)
                for socket in sockets { socket.close() }
            }
        }
    }

    @Test func `a higher limit lets those in who wait`() async throws {
        try await withLoops(2) { group in
            let gate = ConnectionGate(limit: 1)
            let acceptor = try Acceptor(on: .loopback(port: 0), group: group, gate: gate, serve: echo)
            try await on(group.loops[0]) { loop in
                var sockets: [Socket] = []
                for _ in 0..<2 {
                    sockets.append(try await Socket.connect(to: acceptor.address, on: loop, within: .seconds(60)))
                }
                for socket in sockets { try socket.send([1].span) }
                #expect(try await read(1, from: sockets[0]) == [1])
                #expect(gate.count == 1)
                gate.limit = 2
                #expect(try await read(1, from: sockets[1]) == [1])
                for socket in sockets { socket.close() }
            }
        }
    }

    @Test func `connections spread over the loops`() async throws {
        try await withLoops(4) { group in
            let parked = Promise<Void>()
            let acceptor = try listen(group) { socket in
                await parked.value
                socket.close()
            }
            try await on(group.loops[0]) { loop in
                var sockets: [Socket] = []
                for _ in 0..<8 {
                    sockets.append(try await Socket.connect(to: acceptor.address, on: loop, within: .seconds(60)))
                }
                // Eight at this end, on one loop, and eight at the other.
                try await loop.wait { group.connectionCount == 16 }
                #expect(group.loops.dropFirst().allSatisfy { $0.connectionCount >= 2 })
                await parked.fulfil(())
                for socket in sockets { socket.close() }
            }
        }
    }

    @Test func `without descriptors a peer is turned away, and later ones are served again`() async {
        await #expect(processExitsWith: .success) {
            let group = EventLoopGroup(count: 1)
            let acceptor = try listen(group)
            try await on(group.loops[0]) { loop in
                let first = try Listening.openSocket(AF_INET)
                var limit = rlimit(rlim_cur: 64, rlim_max: 64)
                unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                var fillers: [Int32] = []
                while case let filler = dup(0), filler >= 0 { fillers.append(filler) }
                unsafe _ = acceptor.address.withSockaddr { unsafe connect(first, $0, $1) }
                loop.connections.add(1, ordering: .relaxed)
                let refused = try Socket(descriptor: first, on: loop)
                let nothing = try await readAll(refused)
                precondition(nothing.isEmpty)
                refused.close()
                for filler in fillers { close(filler) }
                let served = try await Socket.connect(to: acceptor.address, on: loop, within: .seconds(60))
                try served.send([1].span)
                let answer = try await read(1, from: served)
                precondition(answer == [1])
            }
        }
    }

    @Test func `a Unix socket is for its owner only, replaces a stale one, and vanishes at the end`() async throws {
        let path = try await temporaryDirectory("transport") + "/socket"
        try await withLoops(1) { group in
            // A socket whose process died leaves its file behind. Closing alone might not end it: the child of another
            // test that forks now holds it until it runs its program.
            let dead = try Listening.open(.unix(path: path), backlog: 1)
            shutdown(dead, Int32(SHUT_RDWR))
            close(dead)
            let acceptor = try listen(group, on: .unix(path: path))
            var status = stat()
            #expect(unsafe lstat(path, &status) == 0 && status.st_mode == S_IFSOCK | 0o600)
            #expect(throws: TransportError.inUse(path: path)) { try listen(group, on: .unix(path: path)) }
            try await on(group.loops[0]) { loop in
                let socket = try await Socket.connect(to: .unix(path: path), on: loop, within: .seconds(60))
                let owner = await PeerOwner.uid(of: socket, pool: BlockingPool(name: "test", threadLimit: 1))
                #expect(owner == getuid())
                try socket.send([1, 2].span)
                #expect(try await read(2, from: socket) == [1, 2])
                socket.close()
                acceptor.stop()
                #expect(unsafe access(path, F_OK) == -1)
            }
        }
    }

    @Test func `a file that is no socket is never replaced`() async throws {
        let path = try await temporaryDirectory("transport") + "/file"
        try write("text", to: path)
        try await withLoops(1) { group in
            _ = #expect(throws: TransportError.system(.bind, errno: EADDRINUSE)) {
                try listen(group, on: .unix(path: path))
            }
        }
        #expect(WireTestKit.read(path) == "text")
    }

    @Test(arguments: ["", String(repeating: "x", count: 108), "a\0b"])
    func `a path that does not fit is refused`(_ path: String) async throws {
        try await withLoops(1) { group in
            _ = #expect(throws: TransportError.unusablePath(path)) { try listen(group, on: .unix(path: path)) }
        }
    }

    @Test func `IPv6 works as IPv4 does`() async throws {
        try await withLoops(1) { group in
            let acceptor = try listen(group, on: .ipv6(1, port: 0, scope: 0))
            #expect(acceptor.address.description.hasPrefix("[::1]:"))
            try await on(group.loops[0]) { loop in
                let socket = try await Socket.connect(to: acceptor.address, on: loop, within: .seconds(60))
                let owner = await PeerOwner.uid(of: socket, pool: BlockingPool(name: "test", threadLimit: 1))
                #expect(owner == getuid())
                try socket.send([1].span)
                #expect(try await read(1, from: socket) == [1])
                socket.close()
            }
        }
    }
}
