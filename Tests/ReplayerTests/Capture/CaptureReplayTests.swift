import Testing
import WireTestKit

/// What the fuzzers start from, and what they once found.
@Suite struct CaptureReplayTests {
    @Test(
        arguments: [
            ("FuzzCapture", CaptureProperties.violation), ("FuzzReassembly", ReassemblyProperties.violation),
        ] as [(String, @Sendable ([UInt8]) -> String?)])
    func `captures do no harm`(_ target: String, _ violation: @Sendable ([UInt8]) -> String?) throws {
        let fuzz = Repository.root + "/Fuzz"
        let seeds = Repository.files(in: fuzz + "/Seeds/" + target)
        #expect(!seeds.isEmpty)
        for path in seeds + Repository.files(in: fuzz + "/Cases/" + target) {
            #expect(violation(try #require(Repository.bytes(of: path))) == nil, "\(path)")
        }
    }
}
