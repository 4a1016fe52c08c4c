import Testing
import WireTestKit

/// What the fuzzers start from, and what they once found.
@Suite struct PostgresReplayTests {
    private func replay(_ target: String, _ violation: ([UInt8]) -> String?) throws {
        let fuzz = Repository.root + "/Fuzz"
        let seeds = Repository.files(in: fuzz + "/Seeds/" + target)
        #expect(!seeds.isEmpty)
        for path in seeds + Repository.files(in: fuzz + "/Cases/" + target) {
            #expect(violation(try #require(Repository.bytes(of: path))) == nil, "\(path)")
        }
    }

    @Test func `the decoder keeps its promises`() throws {
        try replay("FuzzPostgres", PostgresProperties.violation)
    }

    @Test func `secrets are found`() throws {
        try replay("FuzzPostgresSecrets", PostgresSecretProperties.violation)
    }
}
