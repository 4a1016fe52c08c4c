import Glibc
import Protocols
import Synchronization
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// A gateway that only remembers what it was asked.
private final class Delegate: ControlDelegate {
    private let calls = Mutex<[String]>([])
    let events = Log(.text) { _ in }

    var log: [String] { calls.withLock { $0 } }

    private func note(_ call: String) { calls.withLock { $0.append(call) } }

    func status() async -> GatewayStatus {
        GatewayStatus(
            version: "1", processID: 1, since: 0, listeners: ["127.0.0.1:6432"], targets: ["shop"], sessions: 2000)
    }

    func sessions() async -> [LiveSession] {
        (1...2000).map {
            LiveSession(
                number: $0, subject: "alice", method: "peer-uid", target: "shop", protocolID: .postgres,
                client: "127.0.0.1:\($0)", since: 0, bytesFromClient: $0, bytesToClient: 0, state: .idle)
        }
    }

    func kill(_ session: UInt64, reason: String, by actor: ControlActor) async throws(ControlFault) {
        guard session == 7 else { throw ControlFault(.noSuchSession, "no session \(session) is open") }
        note("kill \(session) \(reason) by \(actor.name)")
    }

    func questions() async -> [OpenQuestion] { [] }

    func answer(
        _ question: UInt64, _ answer: QuestionAnswer, reason: String, by actor: ControlActor
    ) async throws(ControlFault) {
        note("answer \(question) \(answer.rawValue) \(reason) by \(actor.uid)")
    }

    func follow() -> LogFeed { events.follow() }

    func reload(by actor: ControlActor) async throws(ControlFault) -> [String] {
        throw ControlFault(.notReloaded, "line 3, column 1: unknown key")
    }
}

/// The control socket from outside, through the client that the commands use and through none.
@Suite(.timeLimit(.minutes(5))) struct ControlServerTests {
    private func serve(_ body: (_ path: String, _ delegate: Delegate) async throws -> Void) async throws {
        let folder = try await temporaryDirectory("control")
        let group = EventLoopGroup(count: 2)
        let delegate = Delegate()
        let server = try ControlServer(
            at: folder + "/control.sock", group: group, pool: BlockingPool(name: "test", threadLimit: 1),
            delegate: delegate)
        do { try await body(folder + "/control.sock", delegate) } catch {
            await group.stop()
            throw error
        }
        server.stop()
        await group.stop()
        #expect(try await Command("ls", [folder]).output() == "", "the socket's file goes with the server")
        try await Command("rmdir", [folder]).output()
    }

    /// Sends these bytes as they are, with a client that knows nothing of the protocol, and gives back all that comes.
    private func send(_ text: String, to path: String, user: String? = nil) async throws -> [String] {
        let script = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
            try:
                s.sendall(sys.stdin.buffer.read()); s.shutdown(socket.SHUT_WR)
            except OSError: pass
            data = b""
            while True:
                piece = s.recv(65536)
                if not piece: break
                data += piece
            sys.stdout.buffer.write(data)
            """
        let output = try await Command("/usr/bin/python3", ["-c", script, path], input: text, user: user).output()
        return output.split(separator: "\n").map(String.init)
    }

    @Test func `the client gets what the gateway tells, all of it`() async throws {
        try await serve { path, delegate in
            let client = ControlClient(path: path)
            #expect(try await client.ask(.sessions).count == 2000)
            #expect(try await client.ask(.questions).isEmpty)
            guard case .status(let status)? = try await client.ask(.status).first else {
                return #expect(Bool(false), "there is a status")
            }
            #expect(status.isReady && status.sessions == 2000)
            #expect(try await client.ask(.kill(session: 7, reason: "late")).isEmpty)
            #expect(try await client.ask(.answer(question: 3, .deny, reason: "no")).isEmpty)
            let own = try await Command("id", ["-un"]).output().filter { !$0.isNewline }
            #expect(delegate.log == ["kill 7 late by \(own)", "answer 3 deny no by \(getuid())"])
        }
    }

    @Test func `the gateway's no comes back as it was said`() async throws {
        try await serve { path, delegate in
            let client = ControlClient(path: path)
            await #expect(throws: ControlClient.Failure.refused(ControlFault(.noSuchSession, "no session 8 is open"))) {
                try await client.ask(.kill(session: 8, reason: ""))
            }
            await #expect(
                throws: ControlClient.Failure.refused(ControlFault(.notReloaded, "line 3, column 1: unknown key"))
            ) {
                try await client.ask(.reload)
            }
            #expect(delegate.log.isEmpty)
        }
    }

    @Test func `requests on one connection are answered in their order, mistakes among them`() async throws {
        try await serve { path, _ in
            let lines = try await send(
                #"{"v":1,"do":"questions"}"# + "\n\n" + #"{"v":1,"do":"kill","session":8}"# + "\r\n"
                    + #"{"v":1,"do":"status"}"# + "\nunfinished", to: path)
            let replies = lines.compactMap { ControlReply(line: Array($0.utf8).span) }
            #expect(replies.count == 5)
            #expect(replies.first == .done)
            #expect(replies.dropFirst().first?.code == .badRequest, "an empty line is a mistake, too")
            #expect(replies.dropFirst(2).first?.code == .noSuchSession)
            #expect(replies.last == .done)
        }
    }

    @Test func `whoever follows hears what happens, of every level`() async throws {
        try await serve { path, delegate in
            let heard = Mutex<[ControlReply]>([])
            // Ends with the server.
            Task { try? await ControlClient(path: path).follow { reply in heard.withLock { $0.append(reply) } } }
            // The first ones may come before there is anybody to hear them.
            try await until {
                delegate.events.debug("session began", .session(1), .identity("a\u{1b}"))
                return heard.withLock { !$0.isEmpty }
            }
            guard case .event(let event)? = heard.withLock({ $0.first }) else { return #expect(Bool(false)) }
            #expect(event.event == "session began" && event.level == .debug)
            #expect(event.fields == ["session": 1, "identity": "a\u{1b}"])
        }
    }

    @Test func `nothing is kept for a follower who has gone`() async throws {
        try await serve { path, delegate in
            let script = """
                import socket, sys
                s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
                s.sendall(b'{"v":1,"do":"follow"}\\n'); sys.stdin.readline()
                """
            let follower = try ChildProcess.interactive(Command("/usr/bin/python3", ["-c", script, path]))
            try await until { delegate.events.isRead(.debug) }
            follower.send("\n")
            try await until { !delegate.events.isRead(.debug) }
        }
    }

    @Test func `a follower who does not read learns how much was missed`() async throws {
        let log = Log(.text) { _ in }
        let feed = log.follow()
        for number in 0..<1500 { log.debug("something", .session(UInt64(number))) }
        var lines = feed.lines.makeAsyncIterator()
        for number in 0..<1000 { #expect(await lines.next()?["session"]?.unsigned == UInt64(number)) }
        log.debug("something", .session(1500))
        let next = await lines.next()
        #expect(next?["session"] == 1500 && next?["suppressed"] == 500)
        feed.end()
        #expect(await lines.next() == nil)
        #expect(!log.isRead(.debug))
    }

    @Test func `a line without an end is refused before it is kept`() async throws {
        try await serve { path, _ in
            let lines = try await send(String(repeating: "x", count: 1 << 20), to: path)
            #expect(lines.count == 1)
            #expect(lines.first?.contains("bad-request") == true)
            #expect(try await ControlClient(path: path).ask(.questions).isEmpty, "others are still served")
        }
    }

    // Only root can become another user.
    @Test(.enabled(if: getuid() == 0))
    func `another user is told so and served nothing, even where the file lets them in`() async throws {
        try await serve { path, delegate in
            let folder = path.prefix { $0 != "." }.split(separator: "/").dropLast().joined(separator: "/")
            let kill = #"{"v":1,"do":"kill","session":7,"reason":"mine"}"# + "\n"
            let barred = try await Command(
                "/usr/bin/python3",
                ["-c", "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])", path],
                user: "postgres"
            ).run()
            #expect(barred.exit == .status(1) && barred.errors.contains("Permission denied"))
            try await Command("chmod", ["711", "/" + folder]).output()
            try await Command("chmod", ["666", path]).output()
            let lines = try await send(kill, to: path, user: "postgres")
            #expect(lines.count == 1)
            #expect(lines.first?.contains("not-permitted") == true)
            #expect(delegate.log.isEmpty)
        }
    }

    @Test func `where no gateway runs, the client says so`() async throws {
        let folder = try await temporaryDirectory("control")
        let path = folder + "/control.sock"
        await #expect(throws: ControlClient.Failure.noGateway(path: path)) {
            try await ControlClient(path: path).ask(.status)
        }
        // A killed gateway leaves its socket behind.
        try await Command(
            "/usr/bin/python3", ["-c", "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", path]
        ).output()
        await #expect(throws: ControlClient.Failure.noGateway(path: path)) {
            try await ControlClient(path: path).ask(.status)
        }
        try await Command("rm", ["-r", folder]).output()
    }

    @Test func `a gateway of another version is not misread`() async throws {
        try await answering(#"{"v":2,"type":"done"}"# + "\n") { path in
            await #expect(throws: ControlClient.Failure.notUnderstood) {
                try await ControlClient(path: path).ask(.status)
            }
        }
    }

    @Test func `an answer that breaks off is no answer`() async throws {
        try await answering(#"{"v":1,"type":"do"#) { path in
            await #expect(throws: ControlClient.Failure.endedEarly) { try await ControlClient(path: path).ask(.status) }
        }
    }

    @Test func `a gateway that stays silent is not waited for without end`() async throws {
        try await answering(nil) { path in
            await #expect(throws: ControlClient.Failure.endedEarly) {
                try await ControlClient(path: path, within: .milliseconds(50)).ask(.status)
            }
        }
    }

    /// A socket whose other end says this and ends, or says nothing and stays.
    private func answering(_ text: String?, _ body: (_ path: String) async throws -> Void) async throws {
        let folder = try await temporaryDirectory("control")
        let group = EventLoopGroup(count: 1)
        _ = try Acceptor(on: .unix(path: folder + "/s"), group: group, gate: ConnectionGate(limit: 1)) { socket in
            await socket.readable()
            guard let text else { return }
            try? socket.send(Array(text.utf8).span)
            socket.drainThenClose()
        }
        try await body(folder + "/s")
        await group.stop()
        try await Command("rm", ["-rf", folder]).output()
    }
}

extension ControlReply {
    fileprivate var code: ControlFault.Code? {
        guard case .error(let fault) = self else { return nil }
        return fault.code
    }
}
