import Glibc
import Testing
import WireTestKit

@testable import Transport

@Suite(.timeLimit(.minutes(5)))
struct EventLoopTests {
    @Test func `timers fire by deadline, and those of one deadline in the order in which they were made`() async throws
    {
        try await withLoops(1) { group in
            let order = try await on(group.loops[0]) { loop in
                var fired: [Int] = []
                for (name, delay) in [(3, 30), (1, 10), (4, 30), (2, 20), (5, 30)] {
                    loop.schedule(after: .milliseconds(delay)) { fired.append(name) }
                }
                try await loop.wait { fired.count == 5 }
                return fired
            }
            #expect(order == [1, 2, 3, 4, 5])
        }
    }

    @Test func `timers cancelled at random never fire, and all others do`() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await withLoops(1) { group in
            let (fired, expected) = try await on(group.loops[0]) { loop in
                var generator = SplitMix64(seed: seed)
                var fired: [Int] = []
                var timers: [(delay: Int, timer: LoopTimer)] = []
                for _ in 0..<500 {
                    let delay = Int.random(in: 0...40, using: &generator)
                    timers.append((delay, loop.schedule(after: .milliseconds(delay)) { fired.append(delay) }))
                }
                var expected: [Int] = []
                for (delay, timer) in timers {
                    if Bool.random(using: &generator) { timer.cancel() } else { expected.append(delay) }
                }
                try await loop.wait { fired.count >= expected.count }
                return (fired, expected.sorted())
            }
            #expect(fired == expected, "seed \(seed)")
        }
    }

    @Test func `a sleeper that is cancelled wakes at once`() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            let sleeper = Task(executorPreference: loop) { try await loop.sleep(for: .seconds(3600)) }
            // It sleeps once its timer stands in the heap, in which ours does not stand while we look.
            try await on(loop) { loop in try await loop.wait { loop.timers.nextDeadline != nil } }
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }

    @Test func `whoever waits resumes on the loop`() async throws {
        try await withLoops(2) { group in
            let stayed = try await on(group.loops[0]) { loop in
                var stayed = loop.isCurrent
                try await loop.sleep(for: .milliseconds(1))
                stayed = stayed && loop.isCurrent
                let pool = BlockingPool(name: "test", threadLimit: 1)
                let wasElsewhere = await pool.run { !loop.isCurrent }
                return stayed && wasElsewhere && loop.isCurrent
            }
            #expect(stayed)
        }
    }

    @Test func `a storm of jobs from many threads loses none`() async throws {
        try await withLoops(2) { group in
            let counter = Counter()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for index in 0..<2000 {
                    tasks.addTask {
                        for turn in 0..<10 {
                            try await on(group.loops[(index + turn) % 2]) { loop in
                                #expect(loop.isCurrent)
                                counter.increment()
                            }
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(counter.count == 20_000)
        }
    }

    @Test func `stopping wakes those who wait, and they come to their end`() async throws {
        let group = EventLoopGroup(count: 2)
        let acceptor = try listen(group)
        let loop = group.loops[1]
        let connected = Promise<Void>()
        let reader = Task(executorPreference: loop) {
            let socket = try await Socket.connect(to: acceptor.address, on: loop, within: .seconds(60))
            await connected.fulfil(())
            return try await readAll(socket)
        }
        let sleeper = Task(executorPreference: loop) { try await loop.sleep(for: .seconds(3600)) }
        await connected.value
        await group.stop()
        // An error if its own loop stopped first, an end if the server's did; in any case it came to its end.
        if case .success(let bytes) = await reader.result { #expect(bytes.isEmpty) }
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(group.connectionCount == 0)
    }

    @Test func `a buffer's memory goes back to its loop, and what is unused goes back to the system`() async throws {
        try await withLoops(1) { group in
            let (held, kept, idle) = try await on(group.loops[0]) { loop in
                func lease(_ count: Int) {
                    let buffer = loop.lease()
                    if buffer.isEmpty, count > 1 { lease(count - 1) }
                }
                lease(BufferPool.spareLimit + 4)
                let held = loop.buffers.spareCount
                try await loop.sleep(for: .milliseconds(1))
                let kept = loop.buffers.spareCount
                let pool = BlockingPool(name: "test", threadLimit: 1)
                // The loop has nothing to do meanwhile.
                while loop.buffers.spareCount > 1 { _ = await pool.run { usleep(100_000) } }
                return (held, kept, loop.buffers.spareCount)
            }
            #expect(held == BufferPool.spareLimit)
            #expect(kept <= held)
            #expect(idle == 1)
        }
    }
}
