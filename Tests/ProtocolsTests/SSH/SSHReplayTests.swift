import Testing
import WireTestKit

/// What the fuzzer starts from, and what it once found.
@Suite struct SSHReplayTests {
    @Test func `the decoder and its timeline keep their promises`() throws {
        for input in try FuzzInput.all(of: "FuzzSSH") {
            #expect(SSHProperties.violation(input.bytes) == nil, "\(input.path)")
        }
    }
}
