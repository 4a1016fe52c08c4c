import Glibc
import Testing
import Transport

struct SignalsTests {
    @Test func `signals arrive one after another instead of ending the process`() async {
        await #expect(processExitsWith: .success) {
            // The threads of a test process exist already, so the signals are for the loop's own thread.
            let loop = EventLoop()
            loop.start()
            let signals = try await on(loop) { loop in
                Signals.block()
                return try Signals(on: loop)
            }
            for number in [SIGHUP, SIGTERM, SIGINT] {
                loop.execute { _ = raise(number) }
                let signal = await signals.next()
                precondition(signal?.rawValue == number)
            }
            await loop.stop()
        }
    }
}
