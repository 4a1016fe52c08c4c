import Testing
import WireTestKit

@Suite struct PostgresReplayTests {
    @Test func `what the fuzzer starts from, and what it once found, keeps the decoder's promises`() throws {
        let fuzz = Repository.root + "/Fuzz"
        let seeds = Repository.files(in: fuzz + "/Seeds/FuzzPostgres")
        #expect(!seeds.isEmpty)
        for path in seeds + Repository.files(in: fuzz + "/Cases/FuzzPostgres") {
            #expect(PostgresProperties.violation(try #require(Repository.bytes(of: path))) == nil, "\(path)")
        }
    }
}
