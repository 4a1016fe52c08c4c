import Protocols
import Testing
import WireTestKit

/// What the fuzzers start from, and what they once found.
@Suite struct HTTPReplayTests {
    @Test(
        arguments: [
            ("FuzzHTTP", HTTPProperties.violation), ("FuzzWebSocket", WebSocketProperties.violation),
            ("FuzzSSE", SSEProperties.violation), ("FuzzJSONRPC", JSONRPCProperties.violation),
            ("FuzzHTTPTimeline", HTTPTimelineProperties.violation),
        ] as [(String, @Sendable ([UInt8]) -> String?)])
    func `decoders and the timeline keep their promises`(
        _ target: String, _ violation: @Sendable ([UInt8]) -> String?
    ) throws {
        for input in try FuzzInput.all(of: target) { #expect(violation(input.bytes) == nil, "\(input.path)") }
    }

    @Test func `each smuggling request is a seed, too`() {
        for smuggling in SmugglingCase.all {
            let input = [0] + FuzzTurns.write([.bytes(smuggling.bytes, .clientToServer)])
            #expect(HTTPProperties.violation(input) == nil, "\(smuggling)")
        }
    }
}
