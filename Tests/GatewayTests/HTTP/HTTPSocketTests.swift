import Glibc
import Protocols
import Recorder
import Synchronization
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// The HTTP gateway over sockets, before servers with every fault.
@Suite struct HTTPSocketTests {
    @Test func `one connection to the server is enough for many requests and clients in turn`() async throws {
        let rig = try await WebRig { server, _ in await server.answerAll() }
        for _ in 0..<3 {
            let client = try await rig.client()
            await client.say(WebRig.get())
            #expect(await client.answer("\r\n\r\nok").hasPrefix("HTTP/1.1 200 OK\r\n"))
            await client.say(WebRig.get("/", "Connection: close\r\n"))
            #expect(await client.read(until: nil).hasSuffix("\r\n\r\nok"))
        }
        #expect(rig.served == 1)
        await rig.stop()
    }

    @Test func `clients at once have connections of their own`() async throws {
        let rig = try await WebRig { server, _ in await server.answerAll() }
        let clients = [try await rig.client(), try await rig.client()]
        for client in clients {
            await client.say(WebRig.get())
            _ = await client.answer("\r\n\r\nok")
        }
        #expect(rig.served == 2)
        await rig.stop()
    }

    @Test func `a server that closed a kept connection is asked again, and nobody notices`() async throws {
        let rig = try await WebRig { server, _ in
            _ = await server.read(until: "\r\n\r\n")
            await server.say(WebRig.ok)
            await server.shutDown()
        }
        let client = try await rig.client()
        for _ in 0..<5 {
            await client.say(WebRig.get())
            #expect(await client.answer("\r\n\r\nok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        #expect(rig.served == 5)
        await rig.stop()
    }

    @Test func `a request that comes while the server closes the kept connection goes to another one`() async throws {
        let (isOver, hasLeft) = (Completion(), Completion())
        let rig = try await WebRig { server, number in
            _ = await server.read(until: "\r\n\r\n")
            await server.say(WebRig.ok)
            guard number == 1 else { return await server.shutDown() }
            try? await until { isOver.isMarked }
            await server.leave()
            hasLeft.mark()
        }
        let client = try await rig.client()
        await client.say(WebRig.get())
        _ = await client.answer("\r\n\r\nok")
        // The gateway comes to look when both are there, the request first.
        let (isHeld, isReleased) = (Completion(), Completion())
        defer { isReleased.mark() }
        rig.gateway.group.loops[0].execute {
            isHeld.mark()
            while !isReleased.isMarked { sched_yield() }
        }
        try await until { isHeld.isMarked }
        let held = ContinuousClock.now
        await client.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        isOver.mark()
        try await until { hasLeft.isMarked && ContinuousClock.now > held + .milliseconds(20) }
        isReleased.mark()
        #expect(await client.answer("\r\n\r\nok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(rig.served == 2)
        await rig.stop()
    }

    @Test func `a server that leaves without an answer is a 502`() async throws {
        let rig = try await WebRig { server, _ in
            _ = await server.read(until: "\r\n\r\n")
            await server.leave()
        }
        let client = try await rig.client()
        await client.say(WebRig.get())
        #expect(await client.read(until: nil).hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        await rig.stop()
    }

    @Test func `half a response stays half a response`() async throws {
        let rig = try await WebRig { server, _ in
            _ = await server.read(until: "\r\n\r\n")
            await server.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            await server.shutDown()
        }
        let client = try await rig.client()
        await client.say(WebRig.get())
        #expect(await client.read(until: nil) == "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await rig.stop()
    }

    @Test func `an answer that comes before the upload is through reaches the client`() async throws {
        let rig = try await WebRig { server, _ in
            _ = await server.read(until: "\r\n\r\n")
            await server.say("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await server.shutDown()
        }
        let client = try await rig.client()
        await client.say("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
        await client.say(String(repeating: "x", count: 1000))
        #expect(await client.read(until: nil).hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
        await rig.stop()
    }

    @Test func `a client that reads late gets all of a long response`() async throws {
        let piece = String(repeating: "0123456789abcdef", count: 4096)
        let rig = try await WebRig { server, _ in
            _ = await server.read(until: "\r\n\r\n")
            await server.say(
                "HTTP/1.1 200 OK\r\nContent-Length: \(128 * piece.utf8.count)\r\nConnection: close\r\n\r\n")
            for _ in 0..<128 { await server.say(piece) }
            await server.shutDown()
        }
        let client = try await rig.client()
        await client.say(WebRig.get("/", "Connection: close\r\n"))
        let text = await client.read(until: nil)
        #expect(text.utf8.count > 128 * piece.utf8.count && text.hasSuffix(piece))
        await rig.stop()
    }

    @Test func `an event passes before the next one is there`() async throws {
        let rig = try await WebRig { server, _ in
            _ = await server.read(until: "\r\n\r\n")
            await server.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
            // Goes on only when the client is done with the first.
            _ = await server.read(until: nil)
            await server.leave()
        }
        let client = try await rig.client()
        await client.say(WebRig.get())
        #expect(await client.read(until: "data: 1\n\n").contains("data: 1\n\n"))
        await client.leave()
        await rig.stop()
    }

    @Test func `a client that leaves while it waits takes its request back`() async throws {
        let done = Completion()
        let rig = try await WebRig { server, _ in
            _ = await server.read(until: "\r\n\r\n")
            await server.say("HTTP/1.1 102 Processing\r\n\r\n")
            _ = await server.read(until: nil)
            done.mark()
            await server.leave()
        }
        let client = try await rig.client()
        await client.say(WebRig.get())
        _ = await client.read(until: "102")
        await client.leave()
        try await until { done.isMarked }
        await rig.stop()
    }

    @Test func `a client whose call waits for an answer hears of it again and again`() async throws {
        var limits = HTTPTimeLimits()
        limits.reminder = .milliseconds(20)
        var rule = Rule("payments", .ask)
        rule.requests = RequestPattern()
        rule.requests?.tools = ["pay"]
        let rig = try await WebRig(limits, rules: RuleSet([rule])) { peer, _ in await peer.answerAll() }
        let client = try await rig.client()
        let body = #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"pay"}}"#
        await client.say(
            "POST / HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                + body)
        let comments = String(repeating: "b\r\n: waiting\n\n\r\n", count: 5)
        let answer = await client.read(until: comments)
        #expect(
            answer.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n") && answer.hasSuffix(comments))
        #expect(rig.served == 0)
        await client.leave()
        await rig.stop()
    }

    @Test func `a client of revision 2024-11-05 hears in its stream that its call waits, again and again`() async throws
    {
        var limits = HTTPTimeLimits()
        limits.reminder = .milliseconds(20)
        var rule = Rule("payments", .ask)
        rule.requests = RequestPattern()
        rule.requests?.tools = ["pay"]
        let endpoint = "event: endpoint\ndata: /messages?session_id=1f2e\n\n"
        let rig = try await WebRig(limits, rules: RuleSet([rule])) { peer, _ in
            _ = await peer.read(until: "\r\n\r\n")
            await peer.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            await peer.say("\(String(endpoint.utf8.count, radix: 16))\r\n\(endpoint)\r\n")
            _ = await peer.read(until: nil)
            await peer.leave()
        }
        let stream = try await rig.client()
        await stream.say(WebRig.get("/sse", "Accept: text/event-stream\r\n"))
        _ = await stream.answer(endpoint)
        let client = try await rig.client()
        let body = #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"pay"}}"#
        await client.say(
            "POST /messages?session_id=1f2e HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        let comments = String(repeating: "b\r\n: waiting\n\n\r\n", count: 5)
        #expect(await stream.read(until: comments).contains(comments))
        #expect(rig.served == 1)
        await client.leave()
        await stream.leave()
        await rig.stop()
    }

    @Test func `a batch of which a part is refused counts as one denial, and is logged`() async throws {
        var rule = Rule("deletes", .deny)
        rule.requests = RequestPattern()
        rule.requests?.tools = ["delete"]
        let lines = Mutex<[String]>([])
        let log = Log(.text) { line in lines.withLock { $0.append(line) } }
        let rig = try await WebRig(rules: RuleSet([rule]), log: log) { peer, _ in await peer.answerAll() }
        let client = try await rig.client()
        func call(_ tool: String) -> String {
            #"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"\#(tool)"}}"#
        }
        for (tools, denials) in [
            (["read", "read"], 0), (["delete", "read", "delete"], 1), (["delete", "delete"], 2),
        ] {
            let body = "[" + tools.map(call).joined(separator: ",") + "]"
            await client.say(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            #expect(await client.answer(denials == 2 ? "\r\n\r\n" : "\r\n\r\nok").hasPrefix("HTTP/1.1 20"))
            #expect(try await rig.figure("wiretrail_denials_total") == "\(denials)")
        }
        await client.leave()
        await rig.stop()
        let refusals = lines.withLock { $0.filter { $0.contains("request refused") } }
        #expect(refusals.count == 2 && refusals.allSatisfy { $0.contains(#"rule="rule deletes: "#) })
    }

    @Test(arguments: [false, true])
    func `a content that does not come to its end is a 408`(isRead: Bool) async throws {
        var limits = HTTPTimeLimits()
        limits.content = .milliseconds(50)
        limits.head = .milliseconds(50)
        var rule = Rule("deletes", .deny)
        rule.requests = RequestPattern()
        rule.requests?.tools = ["delete"]
        let rig = try await WebRig(limits, rules: isRead ? RuleSet([rule]) : nil) { peer, _ in
            _ = await peer.read(until: nil)
        }
        let client = try await rig.client()
        await client.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{\"a")
        #expect(await client.read(until: nil).hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        await rig.stop()
    }

    @Test func `a connection to a server that says it closes is left, whether or not the server leaves it`()
        async throws
    {
        let left = AsyncStream<Int>.makeStream()
        let rig = try await WebRig { peer, number in
            _ = await peer.read(until: "\r\n\r\n")
            await peer.say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n\(number)")
            _ = await peer.read(until: nil)
            left.continuation.yield(number)
        }
        let client = try await rig.client()
        // The second is read before anybody could see that the first server's connection has ended.
        await client.say(WebRig.get() + WebRig.get("/", "Connection: close\r\n"))
        #expect(await client.read(until: nil).contains("2"))
        var gone: Set<Int> = []
        for await number in left.stream where gone.insert(number).inserted && gone.count == 2 { break }
        #expect(gone == [1, 2] && rig.served == 2)
        await rig.stop()
    }

    @Test func `a server that says nothing is a 504`() async throws {
        var limits = HTTPTimeLimits()
        limits.response = .milliseconds(20)
        let rig = try await WebRig(limits) { server, _ in
            _ = await server.read(until: nil)
            await server.leave()
        }
        let client = try await rig.client()
        await client.say(WebRig.get())
        #expect(await client.read(until: nil).hasPrefix("HTTP/1.1 504 Gateway Timeout\r\n"))
        await rig.stop()
    }

    @Test func `a head that does not come to its end is a 408`() async throws {
        var limits = HTTPTimeLimits()
        limits.head = .milliseconds(20)
        let rig = try await WebRig(limits) { _, _ in }
        let client = try await rig.client()
        await client.say("GET / HTTP/1.1\r\nHost: local")
        #expect(await client.read(until: nil).hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        await rig.stop()
    }

    @Test func `a head above its limit is a 431`() async throws {
        let rig = try await WebRig { _, _ in }
        let client = try await rig.client()
        await client.say(WebRig.get("/", "X: \(String(repeating: "y", count: 200_000))\r\n"))
        #expect(await client.read(until: nil).hasPrefix("HTTP/1.1 431 Request Header Fields Too Large\r\n"))
        await rig.stop()
    }

    @Test(arguments: [
        ("evil.example", "", "421 Misdirected Request"), ("127.0.0.1.evil.example:80", "", "421 Misdirected Request"),
        ("localhost:8080", "Origin: https://evil.example\r\n", "403 Forbidden"),
        ("localhost", "Origin: null\r\n", "403 Forbidden"), ("127.0.0.1:1", "", "200 OK"), ("[::1]", "", "200 OK"),
        ("localhost", "Origin: http://localhost:3000\r\n", "403 Forbidden"),
        ("LOCALHOST", "Origin: http://localhost\r\n", "200 OK"),
    ])
    func `pages from elsewhere come no further`(host: String, fields: String, status: String) async throws {
        let rig = try await WebRig { server, _ in await server.answerAll() }
        let client = try await rig.client()
        await client.say("GET / HTTP/1.1\r\nHost: \(host)\r\n\(fields)Connection: close\r\n\r\n")
        #expect(await client.read(until: nil).hasPrefix("HTTP/1.1 \(status)\r\n"))
        #expect(rig.served == (status == "200 OK" ? 1 : 0))
        await rig.stop()
    }

    @Test func `a server's certificate is looked at`() async throws {
        let server = try await KeyServer(.answers, answer: KeyServer.ok("{}"))
        let group = EventLoopGroup(count: 1)
        let folder = try await temporaryDirectory("web")
        for (authority, status) in [("root", "200 OK"), ("other", "502 Bad Gateway")] {
            let upstream = HTTPUpstream(
                host: "localhost", port: server.port, tls: try await KeyServer.client(authority))
            let gateway = try Gateway(
                GatewayConfiguration(
                    [.init(.loopback(port: 0), HTTPService(ownersOnly: upstream))],
                    recorder: .init(state: "\(folder)/\(authority)", recordings: "\(folder)/r", lanes: 1)))
            let client = try await WebPeer.connect(to: gateway.addresses[0].port ?? 0, group)
            await client.say(WebRig.get("/", "Connection: close\r\n"))
            #expect(await client.read(until: nil).hasPrefix("HTTP/1.1 \(status)\r\n"))
            await gateway.drain()
        }
        await group.stop()
        await server.stop()
    }
}

/// That something has happened.
private final class Completion: Sendable {
    private let done = Atomic(false)

    func mark() { done.store(true, ordering: .releasing) }

    var isMarked: Bool { done.load(ordering: .acquiring) }
}
