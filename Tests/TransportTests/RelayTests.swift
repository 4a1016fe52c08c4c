import Glibc
import Testing
import Transport
import WireTestKit

/// Echo and relay over real sockets.
struct RelayTests {
    @Test func `what a client sends to an echo server comes back`() async throws {
        let group = EventLoopGroup(count: 2)
        let acceptor = try Acceptor(on: .loopback(port: 0), group: group, gate: ConnectionGate(limit: 10)) {
            await echo($0)
        }
        let loop = group.loops[1]
        let answer = try await Task(executorPreference: loop) {
            let socket = try await Socket.connect(to: acceptor.address, on: loop, within: .seconds(5))
            try socket.send([UInt8]("hello".utf8).span)
            socket.shutdownWrite()
            defer { socket.close() }
            return try await readAll(socket)
        }.value
        #expect(answer == [UInt8]("hello".utf8))
        acceptor.stop()
        await group.stop()
    }
}
