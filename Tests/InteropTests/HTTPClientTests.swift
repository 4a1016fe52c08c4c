import Testing
import WireTestKit

/// Real HTTP clients say the same directly and through the gateway.
@Suite struct HTTPClientTests {
    @Test func `curl: up, down, Expect, chunks, trailers, ranges, interim answers, events, hang-ups`() async throws {
        let rig = try await HTTPRig.origin()
        let seen = try await rig.expectSameTranscript { Command(clients + "/curl_client.sh", ["http://\($0)"]) }
        #expect(seen.contains("103 Early Hints"))
    }

    @Test func `wget: up, down, resumed, redirected, two on one connection`() async throws {
        let rig = try await HTTPRig.origin()
        let seen = try await rig.expectSameTranscript { Command(clients + "/wget_client.sh", ["http://\($0)"]) }
        #expect(seen.contains("a download resumed"))
    }

    @Test func `A WebSocket client: sizes, fragments, compression, pings, closing from either side, many at once`()
        async throws
    {
        let rig = try await HTTPRig.origin()
        let seen = try await rig.expectSameTranscript {
            Command(python, [clients + "/websocket_client.py", "ws://\($0)"])
        }
        #expect(seen.contains("at once: 190"))
        try await rig.expectVerifiedRecordings()
        // The second connection is that of a client which would rather compress.
        let words = ["timeline", "2", "--recordings", rig.gateway.recordings]
        let story = try await rig.gateway.run(words).output
        #expect(story.contains("hello") && story.contains("in three pieces") && !story.contains("compressed"))
    }

    @Test func `A browser: fetches, streams, forms, cookies, events that are resumed, WebSockets`() async throws {
        let rig = try await HTTPRig.origin()
        let seen = try await rig.expectSameTranscript { route in
            Command("sh", [clients + "/browser.sh", "http://\(route)/"])
        }
        #expect(seen.contains("closed 1000 enough"))
    }
}
