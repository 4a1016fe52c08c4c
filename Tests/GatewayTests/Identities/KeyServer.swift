import Protocols
import Synchronization
import Transport
import WireTestKit

@testable import Gateway

/// An issuer's web server: says the same to everybody who asks over TLS.
struct KeyServer: Sendable {
    private final class Desk: Sendable {
        let answer: Mutex<[UInt8]>
        let asked = Atomic<Int>(0)

        init(_ answer: [UInt8]) { self.answer = Mutex(answer) }
    }

    enum Manner: Sendable { case answers, answersAndCloses, staysSilent }

    private let group: EventLoopGroup
    private let acceptor: Acceptor
    private let desk: Desk

    /// The certificates that Tests/Harness/pki.sh makes, once per test run.
    private static let pki = Task {
        let folder = ScratchFolder()
        try await Command("sh", [Repository.root + "/Tests/Harness/pki.sh", folder.path]).output()
        return folder
    }

    static func path(_ name: String) async throws -> String { "\(try await pki.value.path)/\(name)" }

    static func file(_ name: String) async throws -> String { read(try await path(name)) ?? "" }

    init(certificate: String = "server", _ manner: Manner = .answers, answer: String = "") async throws {
        let key = Secret(Array(try await Self.file("leaf.key").utf8))
        let chain = try await Self.file("\(certificate).pem")
        let context = try TLSServerContext(TLSServerSettings(identities: [TLSIdentity(chain: chain, key: key)]))
        let desk = Desk(Array(answer.utf8))
        let group = EventLoopGroup(count: 1)
        acceptor = try Acceptor(on: .loopback(port: 0), group: group, gate: ConnectionGate(limit: 10)) { socket in
            await Self.serve(socket, context, manner, desk)
        }
        self.group = group
        self.desk = desk
    }

    private static func serve(_ socket: Socket, _ context: TLSServerContext, _ manner: Manner, _ desk: Desk) async {
        socket.release(upTo: .max)
        do {
            _ = try await socket.startTLS(as: context, within: .seconds(60))
            await socket.readable()
            desk.asked.add(1, ordering: .relaxed)
            guard manner != .staysSilent else { return _ = await socket.hungUp() }
            let answer = desk.answer.withLock { $0 }
            try socket.send(answer.span)
            if manner == .answers { _ = await socket.hungUp() }
        } catch {}
        socket.drainThenClose()
    }

    /// How often it was asked.
    var count: Int { desk.asked.load(ordering: .relaxed) }

    var port: UInt16 { acceptor.port ?? 0 }

    var url: String { "https://localhost:\(port)/jwks.json" }

    func says(_ answer: String) { desk.answer.withLock { $0 = Array(answer.utf8) } }

    /// Runs `body` on a loop, as logins do.
    func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (EventLoop) async throws -> Value
    ) async throws -> Value {
        let loop = group.loops[0]
        return try await Task(executorPreference: loop) { try await body(loop) }.value
    }

    func stop() async {
        acceptor.stop()
        await group.stop()
    }

    static func ok(_ document: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(document.utf8.count)\r\n\r\n\(document)"
    }

    /// Trusts the authority of the test run.
    static func client(_ authority: String = "root") async throws -> TLSClientContext {
        let trust = TLSTrust(roots: .pem(try await file("\(authority).pem")))
        return try TLSClientContext(TLSClientSettings(verification: .full(trust)))
    }
}

/// What an operator was told.
final class Reports: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    var all: [String] { lines.withLock { $0 } }
}
