import Testing
import WireTestKit

/// What the fuzzers start from, and what they once found.
@Suite struct HTTP2ReplayTests {
    @Test(
        arguments: [
            ("FuzzHTTP2", HTTP2Properties.violation), ("FuzzHPACK", HPACKProperties.violation),
        ] as [(String, @Sendable ([UInt8]) -> String?)])
    func `decoders keep their promises`(_ target: String, _ violation: @Sendable ([UInt8]) -> String?) throws {
        for input in try FuzzInput.all(of: target) { #expect(violation(input.bytes) == nil, "\(input.path)") }
    }
}
