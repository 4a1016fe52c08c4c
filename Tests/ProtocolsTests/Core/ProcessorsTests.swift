import Adapters
import Testing
import WireTestKit

struct ProcessorsTests {
    @Test func `work is divided by the processors that the process may run on`() async throws {
        let counted = try await Command("env", ["-u", "OMP_NUM_THREADS", "-u", "OMP_THREAD_LIMIT", "nproc"]).output()
        #expect("\(Processors.count)\n" == counted)
    }
}
