import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// The recording notes the MCP session that a connection serves.
@Suite struct HTTPSessionTests {
    private var proxy = ScriptedProxy()

    private var keys: [String] {
        proxy.entries.compactMap { entry in
            if case .note(let note) = entry, note.kind == .session { note.reason } else { nil }
        }
    }

    @Test(arguments: Chunking.all)
    mutating func `the key that a server gives is noted, and no other way of naming it once more`(
        _ chunking: Chunking
    ) {
        proxy.client(.head("POST /mcp HTTP/1.1", "Host: a", "Content-Length: 2") + "{}", chunking)
        #expect(keys.isEmpty)
        proxy.server(.head("HTTP/1.1 200 OK", "Mcp-Session-Id: abc", "Content-Length: 2") + "{}", chunking)
        #expect(keys == ["abc"])
        proxy.client(.head("DELETE /mcp HTTP/1.1", "Host: a", "mcp-session-id: abc"), chunking)
        #expect(keys == ["abc"])
    }

    @Test mutating func `a connection that serves another session says so`() {
        for key in ["one", "two", "one"] {
            proxy.client(.head("GET /mcp HTTP/1.1", "Host: a", "Mcp-Session-Id: \(key)"))
            proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 0"))
        }
        #expect(keys == ["one", "two", "one"])
    }

    @Test mutating func `the session of revision 2024-11-05 stands in the target`() {
        proxy.client(.head("POST /messages/?session_id=1f2e HTTP/1.1", "Host: a", "Content-Length: 2") + "{}")
        #expect(keys == ["1f2e"])
    }

    @Test(arguments: Chunking.all)
    mutating func `the stream of revision 2024-11-05 names its session in its first event`(_ chunking: Chunking) {
        let event = "event: endpoint\r\ndata: /messages/?session_id=1f2e\r\n\r\n"
        let other = "event: endpoint\r\ndata: /messages/?session_id=other\r\n\r\n"
        proxy.client(.head("GET /sse HTTP/1.1", "Host: a"), chunking)
        let stream = [event, other].map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined()
        let head = String.head(
            "HTTP/1.1 200 OK", "Content-Type: text/event-stream; charset=utf-8", "Transfer-Encoding: chunked")
        proxy.server(head + stream, chunking)
        #expect(keys == ["1f2e"])
        #expect(proxy.answered() == head + stream)
    }

    @Test mutating func `a key that is none is not noted`() {
        for key in ["", String(repeating: "k", count: 257)] {
            proxy.client(.head("GET /mcp HTTP/1.1", "Host: a", "Mcp-Session-Id: \(key)"))
            proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 0"))
        }
        #expect(keys.isEmpty)
    }
}
