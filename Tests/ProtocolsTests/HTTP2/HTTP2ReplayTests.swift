import Testing
import WireTestKit

/// What the fuzzers start from, and what they once found.
@Suite struct HTTP2ReplayTests {
    private func replay(_ target: String, _ violation: ([UInt8]) -> String?) throws {
        let fuzz = Repository.root + "/Fuzz"
        let seeds = Repository.files(in: fuzz + "/Seeds/" + target)
        #expect(!seeds.isEmpty)
        for path in seeds + Repository.files(in: fuzz + "/Cases/" + target) {
            #expect(violation(try #require(Repository.bytes(of: path))) == nil, "\(path)")
        }
    }

    @Test func `the decoder and its timeline keep their promises`() throws {
        try replay("FuzzHTTP2", HTTP2Properties.violation)
    }

    @Test func `header blocks are read as they were written`() throws {
        try replay("FuzzHPACK", HPACKProperties.violation)
    }
}
