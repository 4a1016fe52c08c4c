import Glibc
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(5)))
struct ResolverTests {
    private let resolver = Resolver()

    @Test func `numbers need no look-up`() async throws {
        #expect(try await resolver.addresses(of: "127.0.0.1", port: 5432) == [.loopback(port: 5432)])
        #expect(try await resolver.addresses(of: "::1", port: 1) == [.ipv6(1, port: 1, scope: 0)])
        #expect(try await resolver.addresses(of: "::ffff:10.0.0.1", port: 1) == [.ipv4(0x0A00_0001, port: 1)])
    }

    @Test func `a name is found`() async throws {
        #expect(try await resolver.addresses(of: "localhost", port: 80).allSatisfy(\.isLoopback))
    }

    @Test(arguments: ["no-such-host.invalid", "", "a..b"])
    func `a name without an address says which`(_ host: String) async throws {
        let error = await #expect(throws: TransportError.self) { try await resolver.addresses(of: host, port: 80) }
        guard case .unresolved(host, let reason) = error else { Issue.record("\(String(describing: error))"); return }
        #expect(!reason.isEmpty)
    }

    @Test func `a pool runs as many at once as it has threads, and all of them in the end`() async {
        let pool = BlockingPool(name: "test", threadLimit: 3)
        let (now, most) = (Counter(), Counter())
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<200 {
                tasks.addTask {
                    await pool.run {
                        most.raise(to: now.increment()); sched_yield(); now.decrement()
                    }
                }
            }
        }
        #expect(now.count == 0)
        #expect((1...3).contains(most.count))
    }

    @Test func `what a body throws reaches its caller`() async {
        let pool = BlockingPool(name: "test", threadLimit: 1)
        await #expect(throws: TransportError.timedOut) {
            try await pool.run { () throws(TransportError) in throw .timedOut }
        }
    }
}
