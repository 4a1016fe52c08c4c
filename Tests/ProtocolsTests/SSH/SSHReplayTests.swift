import Testing
import WireTestKit

/// What the fuzzer starts from, and what it once found.
@Suite struct SSHReplayTests {
    @Test func `the decoder and its timeline keep their promises`() throws {
        let fuzz = Repository.root + "/Fuzz"
        let seeds = Repository.files(in: fuzz + "/Seeds/FuzzSSH")
        #expect(!seeds.isEmpty)
        for path in seeds + Repository.files(in: fuzz + "/Cases/FuzzSSH") {
            let violation = SSHProperties.violation(try #require(Repository.bytes(of: path)))
            #expect(violation == nil, "\(path)")
        }
    }
}
