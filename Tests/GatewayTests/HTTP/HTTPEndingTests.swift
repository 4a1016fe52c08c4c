import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// How exchanges and connections end, and what becomes of the upstream.
@Suite struct HTTPEndingTests {
    private var proxy = ScriptedProxy()
    private static let get = String.head("GET / HTTP/1.1", "Host: a")
    private static let ok = String.head("HTTP/1.1 200 OK", "Content-Length: 2") + "hi"

    @Test mutating func `a client that asks for no more has its connection closed, and leaves the upstream to others`()
    {
        proxy.client(.head("GET / HTTP/1.1", "Host: a", "Connection: close"))
        #expect(!proxy.received().contains("Connection"))
        proxy.server(Self.ok)
        #expect(proxy.answered() == .head("HTTP/1.1 200 OK", "Content-Length: 2", "Connection: close") + "hi")
        #expect(proxy.end == "no further request is read")
        #expect(proxy.core.policy.isUpstreamReusable)
    }

    @Test mutating func `an upstream that closes after its response leaves the client where it is`() {
        proxy.client(Self.get)
        proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 2", "Connection: close") + "hi")
        #expect(proxy.answered() == .head("HTTP/1.1 200 OK", "Content-Length: 2") + "hi")
        #expect(!proxy.core.policy.isUpstreamReusable)
        proxy.client(Self.get)
        #expect(proxy.reachCount == 2)
        #expect(proxy.end == nil)
    }

    @Test mutating func `a response that lasts until the end takes the client's connection along`() {
        proxy.client(Self.get)
        proxy.server(.head("HTTP/1.1 200 OK") + "some")
        #expect(proxy.answered() == .head("HTTP/1.1 200 OK", "Connection: close") + "some")
        proxy.server(" more")
        proxy.upstreamLeaves()
        #expect(proxy.answered() == " more")
        #expect(proxy.end == "the upstream's response lasted until its end")
    }

    @Test mutating func `an upstream that rests and leaves is replaced for the next request`() {
        proxy.client(Self.get)
        proxy.server(Self.ok)
        proxy.upstreamLeaves()
        #expect(proxy.end == nil)
        proxy.client(Self.get)
        #expect(proxy.reachCount == 2)
    }

    @Test mutating func `a kept upstream that has gone is replaced unseen`() {
        proxy.reach = .reached(isReused: true)
        proxy.client(Self.get)
        let first = proxy.received()
        proxy.upstreamLeaves()
        #expect(proxy.received() == first)
        #expect(proxy.reachCount == 2)
        proxy.server(Self.ok)
        #expect(proxy.answered() == Self.ok)
    }

    @Test mutating func `only once`() {
        proxy.reach = .reached(isReused: true)
        proxy.client(Self.get)
        proxy.upstreamLeaves()
        proxy.upstreamLeaves()
        #expect(proxy.answered().hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        #expect(proxy.end == "the upstream closed the connection without a word")
    }

    @Test(arguments: ["POST", "PATCH"])
    mutating func `nothing is said twice that must not be`(method: String) {
        proxy.reach = .reached(isReused: true)
        proxy.client(.head("\(method) / HTTP/1.1", "Host: a", "Content-Length: 0"))
        proxy.upstreamLeaves()
        #expect(proxy.reachCount == 1)
        #expect(proxy.answered().hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
    }

    @Test mutating func `a new upstream that leaves without an answer is told`() {
        proxy.client(Self.get)
        proxy.upstreamLeaves()
        #expect(proxy.answered().hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        #expect(proxy.end != nil)
    }

    @Test mutating func `a response that is cut short ends the connection without a word`() {
        proxy.client(Self.get)
        proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 10") + "hi")
        proxy.upstreamLeaves()
        #expect(proxy.answered() == .head("HTTP/1.1 200 OK", "Content-Length: 10") + "hi")
        #expect(proxy.end != nil)
    }

    @Test(arguments: [(true, "504 Gateway Timeout"), (false, "502 Bad Gateway")])
    mutating func `an upstream that cannot be reached is told, and tried again`(isTimeout: Bool, status: String) {
        proxy.reach = .failed(UpstreamFailure("nobody there", isTimeout: isTimeout))
        proxy.client(Self.get)
        let answer = proxy.answered()
        #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nWiretrail: nobody there\n"))
        #expect(proxy.end == nil)
        proxy.reach = .reached(isReused: false)
        proxy.client(Self.get)
        proxy.server(Self.ok)
        #expect(proxy.answered() == Self.ok)
    }

    @Test mutating func `a refused upload ends the connection, for what follows is not read`() {
        proxy.reach = .failed(UpstreamFailure("nobody there"))
        proxy.client(.head("PUT / HTTP/1.1", "Host: a", "Content-Length: 5") + "abc")
        #expect(proxy.answered().contains("Connection: close\r\n"))
        #expect(proxy.end != nil)
    }

    @Test mutating func `a request that is answered early ends the connection`() {
        proxy.client(.head("PUT / HTTP/1.1", "Host: a", "Content-Length: 5") + "abc")
        proxy.server(.head("HTTP/1.1 413 Content Too Large", "Content-Length: 0"))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 413"))
        #expect(proxy.end == "no further request is read")
        #expect(!proxy.core.policy.isUpstreamReusable)
    }

    @Test mutating func `a client that leaves ends what it has asked for`() {
        proxy.client(Self.get)
        proxy.clientLeaves()
        #expect(proxy.end == "the client left before its response was complete")
        #expect(!proxy.core.policy.isUpstreamReusable)
    }

    @Test mutating func `a client that leaves at rest leaves the upstream to others`() {
        proxy.client(Self.get)
        proxy.server(Self.ok)
        proxy.clientLeaves()
        #expect(proxy.end == "the client closed the connection")
        #expect(proxy.core.policy.isUpstreamReusable)
    }

    @Test mutating func `an ambiguous request is refused and goes nowhere`() {
        proxy.client(.head("POST / HTTP/1.1", "Host: a", "Content-Length: 5", "Transfer-Encoding: chunked"))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(proxy.received() == "" && proxy.reachCount == 0)
        #expect(proxy.end != nil)
    }

    @Test mutating func `an ambiguous response becomes a 502`() {
        proxy.client(Self.get)
        proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 6"))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        #expect(proxy.end != nil)
        #expect(!proxy.core.policy.isUpstreamReusable)
    }

    @Test mutating func `whoever waits for an answer is told that the gateway ends, who rests is not`() {
        var actions: [ProxyAction] = []
        proxy.client(Self.get)
        proxy.core.end(.draining, into: &actions)
        guard case .reply(.client, let words, _) = actions.first else { return #expect(Bool(false)) }
        #expect(String(decoding: words, as: UTF8.self).hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        var resting = ScriptedProxy()
        actions = []
        resting.core.end(.draining, into: &actions)
        #expect(actions == [.end("the gateway shut down")])
    }
}
