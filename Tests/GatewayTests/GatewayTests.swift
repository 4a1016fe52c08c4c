import Gateway
import Protocols
import Recorder
import Testing
import Transport
import WireTestKit

/// A gateway in this process, before a server of its own.
private struct Rig {
    let server: PostgresSandbox
    let gateway: Gateway
    let folder: String

    init(drainLimit: Duration = .seconds(60)) async throws {
        server = try await PostgresSandbox.start()
        folder = try await temporaryDirectory("gateway")
        let upstream = PostgresUpstream(
            host: .tcp(name: "127.0.0.1", port: server.port), user: PostgresSandbox.superuser, database: "postgres",
            password: nil)
        let recorder = RecorderConfiguration(state: folder + "/state", recordings: folder + "/recordings", lanes: 2)
        var configuration = GatewayConfiguration(
            [.init(.loopback(port: 0), PostgresService(ownersOnly: upstream))], recorder: recorder)
        configuration.drainLimit = drainLimit
        // A busy machine is no reason to turn a client away.
        configuration.loginLimit = .seconds(60)
        configuration.dialLimit = .seconds(60)
        gateway = try Gateway(configuration)
    }

    func psql(_ sql: String, user: String? = nil, _ settings: [String: String] = [:]) -> Command {
        Command("psql", place + ["-c", sql], environment: settings, user: user)
    }

    /// Options of a psql that reads statements from its input, which stays open.
    var place: [String] {
        ["-XqAt", "-h", "127.0.0.1", "-p", "\(gateway.addresses[0].port ?? 0)", "-U", "postgres", "-d", "postgres"]
    }

    /// Returns once the server runs a statement that contains `text`, besides the one that asks. It must be one that does
    /// not end by itself.
    func isRunning(_ text: String) async throws {
        let question = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE $$%\(text)%$$ AND state = 'active'"
        try await until { try await server.psql(question) == "2\n" }
    }
}

@Suite struct GatewayTests {
    @Test(arguments: ["disable", "prefer"])
    func `a stranger is told who is served, whether he asks for TLS first or not`(mode: String) async throws {
        let rig = try await Rig()
        let result = try await rig.psql("SELECT 1", user: "postgres", ["PGSSLMODE": mode]).run()
        #expect(result.errors.contains("FATAL:  Wiretrail serves only the user who started it"))
        #expect(result.output == "")
        #expect(try await rig.psql("SELECT 1").output() == "1\n")
        await rig.gateway.drain()
    }

    @Test func `whoever is turned away is kept in one recording of the rejected`() async throws {
        let rig = try await Rig()
        for user in ["intruder", "burglar"] {
            let words = [
                "-X", "-h", "127.0.0.1", "-p", "\(rig.gateway.addresses[0].port ?? 0)", "-U", user, "-c", "SELECT 1",
            ]
            _ = try await Command("psql", words, user: "postgres").run()
        }
        await rig.gateway.drain()
        let files = try RecordingsFolder.recordings(below: rig.folder + "/recordings")
        #expect(files.count == 1)
        let reader = try RecordingReader(try #require(files.first))
        var text = ""
        try reader.forEachRecord { header, payload, _ in
            text += "\(header.type) \(String(decoding: [UInt8](copying: payload), as: UTF8.self))\n"
            return true
        }
        #expect(text.contains(#""protocol":"rejected""#))
        #expect(text.contains("user\0intruder") && text.contains("user\0burglar"))
        #expect(text.split(separator: "away: the caller is not").count == 3)
        #expect(reader.end != nil)
    }

    @Test func `who demands TLS learns from his own client that there is none`() async throws {
        let rig = try await Rig()
        let result = try await rig.psql("SELECT 1", ["PGSSLMODE": "require"]).run()
        #expect(result.errors.contains("server does not support SSL"))
        await rig.gateway.drain()
    }

    @Test func `draining lets a running statement end`() async throws {
        let rig = try await Rig(drainLimit: .seconds(3_600))
        let holder = try ChildProcess.interactive(Command("psql", rig.server.place))
        holder.send("SELECT pg_advisory_lock(1), 'held';\n")
        try await until { holder.output.contains("held") || holder.hasEnded }
        async let running = rig.psql("SELECT pg_advisory_lock(1), 'done'").run()
        try await rig.isRunning("'done'")
        async let drained: Void = rig.gateway.drain()
        holder.send("SELECT pg_advisory_unlock(1);\n")
        #expect(try await running.output == "|done\n")
        await drained
        #expect(rig.gateway.connectionCount == 0)
    }

    @Test func `a session that rests is ended soon when the gateway drains`() async throws {
        let rig = try await Rig(drainLimit: .seconds(3_600))
        let resting = try ChildProcess.interactive(Command("psql", rig.place))
        resting.send("SELECT 'here';\n")
        try await until { resting.output.contains("here") || resting.hasEnded }
        await rig.gateway.drain()
        resting.send("SELECT 1;\n")
        #expect(try await resting.wait(timeoutSeconds: 60) == .status(2))
        #expect(resting.errors.contains("FATAL:  Wiretrail is shutting down"))
    }

    @Test func `a server that dies is told to its callers`() async throws {
        let rig = try await Rig()
        async let running = rig.psql("SELECT pg_sleep(60)").run()
        try await rig.isRunning("pg_sleep")
        rig.server.kill()
        let errors = try await running.errors
        #expect(errors.contains("terminating connection") || errors.contains("closed the connection unexpectedly"))
        #expect(try await rig.psql("SELECT 1").run().errors.contains("Wiretrail cannot reach the upstream"))
        await rig.gateway.drain()
    }

    @Test func `nothing but loopback is listened on`() async throws {
        let folder = try await temporaryDirectory("gateway")
        let upstream = PostgresUpstream(
            host: .unix(path: folder), user: nil, database: nil, password: nil)
        let recorder = RecorderConfiguration(state: folder + "/state", recordings: folder + "/recordings", lanes: 1)
        let address = SocketAddress.ipv4(0, port: 0)
        #expect(throws: GatewayError.notLoopback(address)) {
            try Gateway(
                GatewayConfiguration(
                    [.init(address, PostgresService(ownersOnly: upstream))], recorder: recorder))
        }
    }
}
