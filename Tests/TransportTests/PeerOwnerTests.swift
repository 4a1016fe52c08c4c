import Glibc
import Testing
import WireTestKit

@testable import Transport

@Suite(.timeLimit(.minutes(5)))
struct PeerOwnerTests {
    private static let pool = BlockingPool(name: "test", threadLimit: 2)

    @Test func `the peer's owner is found, by the kernel's answer and by its table alike`() async throws {
        try await withLoops(1) { group in
            try await on(group.loops[0]) { _ in
                let (client, server) = try await connectedPair(group)
                #expect(await PeerOwner.uid(of: server, pool: Self.pool) == getuid())
                let (local, remote) = (server.remoteAddress, server.localAddress)
                #expect(SocketTable.owner(of: local, connectedTo: remote) == getuid())
                client.close()
                server.close()
            }
        }
    }

    @Test func `a peer that has closed its socket is nobody's, not root's`() async throws {
        try await withLoops(1) { group in
            try await on(group.loops[0]) { _ in
                let (client, server) = try await connectedPair(group)
                let (local, remote) = (server.remoteAddress, server.localAddress)
                client.close()
                #expect(await server.hungUp())
                #expect(await PeerOwner.uid(of: server, pool: Self.pool) == nil)
                #expect(SocketTable.owner(of: local, connectedTo: remote) == nil)
                server.close()
            }
        }
    }

    // Only root can become another user.
    @Test(.enabled(if: geteuid() == 0))
    func `another user's socket is seen as that user's`() async throws {
        let owner = Promise<UInt32?>()
        try await withLoops(1) { group in
            let acceptor = try listen(group) { socket in
                await owner.fulfil(await PeerOwner.uid(of: socket, pool: Self.pool))
                socket.close()
            }
            let port = try #require(acceptor.port)
            let script = "exec 3<>/dev/tcp/127.0.0.1/\(port); cat <&3"
            try await Command("runuser", ["-u", "nobody", "--", "bash", "-c", script]).output()
        }
        let nobody = unsafe getpwnam("nobody")!.pointee.pw_uid
        #expect(await owner.value == nobody)
    }
}
