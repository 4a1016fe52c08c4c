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
            var input: [UInt8] = [0]
            for start in stride(from: 0, to: min(smuggling.bytes.count, 4000), by: 126) {
                let piece = smuggling.bytes[start..<min(start + 126, smuggling.bytes.count)]
                input += [UInt8(piece.count)] + piece
            }
            #expect(HTTPProperties.violation(input) == nil, "\(smuggling)")
        }
    }
}
