import Protocols
import Testing
import WireTestKit

/// What the fuzzers start from, and what they once found.
@Suite struct HTTPReplayTests {
    @Test(
        arguments: [
            ("FuzzHTTP", HTTPProperties.violation), ("FuzzWebSocket", WebSocketProperties.violation),
            ("FuzzSSE", SSEProperties.violation),
        ] as [(String, @Sendable ([UInt8]) -> String?)])
    func `decoders keep their promises`(_ target: String, _ violation: @Sendable ([UInt8]) -> String?) throws {
        let fuzz = Repository.root + "/Fuzz"
        let seeds = Repository.files(in: fuzz + "/Seeds/" + target)
        #expect(!seeds.isEmpty)
        for path in seeds + Repository.files(in: fuzz + "/Cases/" + target) {
            #expect(violation(try #require(Repository.bytes(of: path))) == nil, "\(path)")
        }
    }

    @Test func `each smuggling request is a seed, too`() {
        for smuggling in SmugglingCase.all {
            let input = [0] + FuzzTurns.write([.bytes(smuggling.bytes, .clientToServer)])
            #expect(HTTPProperties.violation(input) == nil, "\(smuggling)")
        }
    }
}
