import Protocols
import Recorder
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// A gateway in this process, before a server that accepts connections and never says a word.
private struct Rig {
    let gateway: Gateway
    let folder: String
    private let upstream: EventLoopGroup

    init(minimumFreeBytes: UInt64 = 1 << 20, drainLimit: Duration = .seconds(60)) async throws {
        upstream = EventLoopGroup(count: 1)
        let mute = try Acceptor(on: .loopback(port: 0), group: upstream, gate: ConnectionGate(limit: 100)) { _ in }
        folder = try await temporaryDirectory("gateway")
        let target = PostgresUpstream(
            host: .tcp(name: "127.0.0.1", port: mute.port ?? 0), user: "alice", database: "shop", password: nil)
        var recorder = RecorderConfiguration(state: folder + "/state", recordings: folder + "/recordings", lanes: 2)
        recorder.minimumFreeBytes = minimumFreeBytes
        var configuration = GatewayConfiguration(
            [.init(.loopback(port: 0), PostgresService(ownersOnly: target))], recorder: recorder)
        configuration.metrics = .loopback(port: 0)
        configuration.drainLimit = drainLimit
        // The upstream of these tests never answers, and they take as long as the machine makes them.
        configuration.dialLimit = .seconds(600)
        gateway = try Gateway(configuration)
    }

    var control: ControlClient { ControlClient(path: folder + "/state/control.sock") }

    func psql(_ seconds: Int = 250) throws -> ChildProcess {
        let place = "postgres://alice@127.0.0.1:\(gateway.addresses[0].port ?? 0)/shop?connect_timeout=\(seconds)"
        return try ChildProcess(Command("psql", ["-X", place, "-c", "SELECT 1"]))
    }

    func curl(_ path: String) async throws -> String {
        let place = "http://127.0.0.1:\(gateway.metricsAddress?.port ?? 0)\(path)"
        return try await Command("curl", ["-sS", "-w", "%{http_code}", "--max-time", "60", place]).output()
    }

    func sessions() async throws -> [LiveSession] {
        try await control.ask(.sessions).compactMap { if case .session(let session) = $0 { session } else { nil } }
    }

    func status() async throws -> GatewayStatus? {
        try await control.ask(.status).lazy.compactMap {
            if case .status(let status) = $0 { status } else { nil }
        }.first
    }

    func end() async throws {
        await gateway.drain()
        try await clean()
    }

    func clean() async throws {
        await upstream.stop()
        try await Command("rm", ["-rf", folder]).output()
    }
}

@Suite(.timeLimit(.minutes(5))) struct GatewayControlTests {
    @Test func `a session whose server does not answer can be killed, and its client is told at once`() async throws {
        let rig = try await Rig()
        let psql = try rig.psql()
        try await until { try await rig.sessions().first?.state == .connecting }
        #expect(try await rig.status()?.sessions == 1)
        let number = try #require(try await rig.sessions().first?.number)
        #expect(try await rig.control.ask(.kill(session: number, reason: "wrong server")).isEmpty)
        #expect(try await psql.wait(timeoutSeconds: 60) == .status(2))
        #expect(psql.errors.contains("wrong server"))
        try await rig.end()
    }

    @Test func `with too little free space the gateway is not ready, and says so wherever it is asked`() async throws {
        let rig = try await Rig(minimumFreeBytes: .max)
        let words = "MiB are free for recordings, and"
        let status = try #require(try await rig.status())
        #expect(!status.isReady && status.obstacles.count == 1 && status.obstacles[0].contains(words))
        let ready = try await rig.curl("/readyz")
        #expect(ready.hasSuffix("\n503") && ready.contains(words))
        let health = try await rig.curl("/healthz")
        #expect(health == "ok\n200", "starting it again would make no room")
        let psql = try rig.psql()
        #expect(try await psql.wait(timeoutSeconds: 60) == .status(2))
        let metrics = try await rig.curl("/metrics")
        #expect(metrics.contains("\nwiretrail_ready 0\n"))
        #expect(metrics.contains("\nwiretrail_connections_refused_total 1\n"))
        #expect(metrics.contains("\nwiretrail_connections_accepted_total 0\n"))
        try await rig.end()
    }

    @Test func `a gateway that ends is alive and not ready, and takes its socket's file with it`() async throws {
        // Time enough to ask it while it ends.
        let rig = try await Rig(drainLimit: .seconds(20))
        let psql = try rig.psql()
        try await until { try await rig.sessions().count == 1 }
        let draining = Task { await rig.gateway.drain() }
        try await until { try await rig.curl("/readyz") == "the gateway is shutting down\n503" }
        let health = try await rig.curl("/healthz")
        #expect(health == "ok\n200")
        await draining.value
        #expect(try await psql.wait(timeoutSeconds: 60) == .status(2))
        #expect(psql.errors.contains("Wiretrail is shutting down"))
        await #expect(throws: ControlClient.Failure.noGateway(path: rig.folder + "/state/control.sock")) {
            try await rig.control.ask(.status)
        }
        try await rig.clean()
    }

    @Test(arguments: ["ln -s ../elsewhere control.sock", "mkdir control.sock", "echo mine > control.sock"])
    func `what stands in the control socket's place is neither followed nor replaced`(_ plant: String) async throws {
        let folder = try await temporaryDirectory("gateway")
        try await Command("sh", ["-c", "umask 077; mkdir \(folder)/state; cd \(folder)/state; \(plant)"]).output()
        let recorder = RecorderConfiguration(state: folder + "/state", recordings: folder + "/recordings", lanes: 1)
        #expect {
            try Gateway(GatewayConfiguration([], recorder: recorder))
        } throws: {
            guard case .listen(.unix(folder + "/state/control.sock"), let fault)? = $0 as? GatewayError else {
                return false
            }
            return fault.isAddressInUse
        }
        let kept = try await Command(
            "sh", ["-c", "test ! -e \(folder)/elsewhere && stat -c %F \(folder)/state/control.sock"]
        )
        .output()
        #expect(!kept.contains("socket"))
        try await Command("rm", ["-rf", folder]).output()
    }

    @Test func `a loop that hangs is noticed`() {
        func moment(_ seconds: UInt64, after start: Timestamp) -> Timestamp {
            var moment = start
            moment.monotonicNanoseconds += seconds * 1_000_000_000
            return moment
        }
        let before = Timestamp.current()
        // A loop that nobody starts does not turn.
        let heartbeat = Heartbeat(of: EventLoop())
        let after = Timestamp.current()
        #expect(heartbeat.isAlive(at: moment(4, after: before)))
        #expect(heartbeat.delay(at: moment(4, after: before)) <= .seconds(3))
        #expect(heartbeat.delay(at: moment(4, after: after)) >= .seconds(3))
        #expect(!heartbeat.isAlive(at: moment(7, after: after)))
    }
}
