import Protocols
import Recorder
import Synchronization
import Transport
import WireTestKit

@testable import Gateway

/// A connection that says what a test tells it, and keeps what it is told.
final class WebPeer: Sendable {
    private let loop: EventLoop
    private let socket: Socket
    fileprivate let received = Mutex("")

    init(_ socket: Socket) {
        self.socket = socket
        loop = socket.loop
    }

    /// - Parameter words: said in the same turn, to whoever does not wait for them.
    static func connect(to port: UInt16, _ group: EventLoopGroup, saying words: String = "") async throws -> WebPeer {
        let loop = group.loops[0]
        let socket = try await Task(executorPreference: loop) {
            let socket = try await Socket.connect(to: .loopback(port: port), on: loop, within: .seconds(60))
            socket.release(upTo: .max)
            try socket.send(Array(words.utf8).span)
            return socket
        }.value
        return WebPeer(socket)
    }

    func say(_ text: String) async {
        await Task(executorPreference: loop) { [socket] in try? socket.send(Array(text.utf8).span) }.value
    }

    func leave() async {
        await Task(executorPreference: loop) { [socket] in socket.close() }.value
    }

    /// Says an end, and may still read.
    func shutDown() async {
        await Task(executorPreference: loop) { [socket] in socket.drainThenClose() }.value
    }

    /// What has come so far, once that holds `text`, or is all; `nil`: all of it. Reads on the loop alone: between two
    /// pieces nothing waits for a thread that computes for other tests.
    func read(until text: String?) async -> String {
        await Task(executorPreference: loop) { [self] in
            while true {
                if let text, received.withLock({ $0.contains(text) }) { break }
                guard let more = await more() else { break }
                // Nobody else holds the text here: appending to it copies nothing.
                received.withLock { $0 += more }
            }
            return received.withLock { $0 }
        }.value
    }

    /// The next response whose content is `content`, and forgets it.
    func answer(_ content: String) async -> String {
        let text = await read(until: content)
        received.withLock { $0 = "" }
        return text
    }

    private func more() async -> String? {
        while true {
            await socket.readable()
            var buffer = socket.loop.lease()
            do throws(TransportError) {
                guard let count = try socket.read(into: &buffer) else { continue }
                return count == 0 ? nil : String(decoding: [UInt8](copying: buffer.bytes), as: UTF8.self)
            } catch { return nil }
        }
    }
}

/// A server that does with each connection, counted from 1, what a test wants, and a gateway before it.
struct WebRig: Sendable {
    let gateway: Gateway
    let group: EventLoopGroup
    private let origin: Acceptor
    private let count: Counter

    private final class Counter: Sendable { let value = Atomic<Int>(0) }

    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    init(
        _ limits: HTTPTimeLimits = HTTPTimeLimits(), tls: TLSClientContext? = nil, rules: RuleSet? = nil,
        log: Log = Log(.text) { _ in },
        _ serve: @escaping @Sendable (WebPeer, Int) async -> Void
    ) async throws {
        let group = EventLoopGroup(count: 1)
        let count = Counter()
        origin = try Acceptor(on: .loopback(port: 0), group: group, gate: ConnectionGate(limit: 100)) { socket in
            socket.release(upTo: .max)
            await serve(WebPeer(socket), count.value.add(1, ordering: .relaxed).newValue)
        }
        self.count = count
        self.group = group
        let upstream = HTTPUpstream(host: "127.0.0.1", port: origin.port ?? 0, tls: tls)
        let folder = try await temporaryDirectory("web")
        let recorder = RecorderConfiguration(state: folder + "/state", recordings: folder + "/recordings", lanes: 1)
        var service = HTTPService(ownersOnly: upstream)
        if let rules {
            service.targets = .routed([HTTPTarget("origin", upstream)])
            service.hosts = ["localhost"]
            service.rules = RuleBook(rules) { 0 }
        }
        var configuration = GatewayConfiguration([.init(.loopback(port: 0), service)], recorder: recorder)
        configuration.http = limits
        configuration.log = log
        configuration.metrics = .loopback(port: 0)
        // A busy machine is no reason to turn a client away.
        configuration.loginLimit = .seconds(60)
        gateway = try Gateway(configuration)
    }

    func client() async throws -> WebPeer { try await .connect(to: gateway.addresses[0].port ?? 0, group) }

    /// Connections that the server has had.
    var served: Int { count.value.load(ordering: .relaxed) }

    /// One of `/metrics`.
    func figure(_ name: String) async throws -> String {
        let scraper = try await WebPeer.connect(
            to: gateway.metricsAddress?.port ?? 0, group, saying: Self.get("/metrics"))
        let lines = await scraper.read(until: nil).split(separator: "\n").filter { $0.hasPrefix(name + " ") }
        return lines.map { String($0.dropFirst(name.utf8.count + 1)) }.joined(separator: ", ")
    }

    func stop() async {
        await gateway.drain()
        origin.stop()
        await group.stop()
    }

    static func get(_ path: String = "/", _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
    }
}

extension WebPeer {
    /// Answers every request without content, until the client leaves.
    func answerAll() async {
        while await read(until: "\r\n\r\n").contains("\r\n\r\n") {
            received.withLock { $0 = "" }
            await say(WebRig.ok)
        }
        await shutDown()
    }
}
