import Testing
import WireTestKit

/// What the fuzzers start from, and what they once found.
@Suite struct PostgresReplayTests {
    @Test(
        arguments: [
            ("FuzzPostgres", PostgresProperties.violation),
            ("FuzzPostgresSecrets", PostgresSecretProperties.violation),
        ] as [(String, @Sendable ([UInt8]) -> String?)])
    func `the decoder keeps its promises, and secrets are found`(
        _ target: String, _ violation: @Sendable ([UInt8]) -> String?
    ) throws {
        for input in try FuzzInput.all(of: target) { #expect(violation(input.bytes) == nil, "\(input.path)") }
    }
}
