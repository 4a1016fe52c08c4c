import Testing
import WireTestKit

/// What the fuzzers start from, and what they once found.
@Suite struct CaptureReplayTests {
    @Test(
        arguments: [
            ("FuzzCapture", CaptureProperties.violation), ("FuzzReassembly", ReassemblyProperties.violation),
        ] as [(String, @Sendable ([UInt8]) -> String?)])
    func `captures do no harm`(_ target: String, _ violation: @Sendable ([UInt8]) -> String?) throws {
        for input in try FuzzInput.all(of: target) { #expect(violation(input.bytes) == nil, "\(input.path)") }
    }
}
