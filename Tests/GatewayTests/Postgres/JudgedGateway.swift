import Gateway
import Protocols
import Recorder
import Transport
import WireTestKit

/// A gateway with rules, before a server of its own that has the tables `t` and `secret`, one row in each.
struct JudgedGateway {
    let server: PostgresSandbox
    let gateway: Gateway
    let rules: RuleBook
    let folder: String

    init(_ rules: RuleSet) async throws {
        server = try await PostgresSandbox.start()
        try await server.psql("CREATE TABLE t (x int); INSERT INTO t VALUES (0)")
        try await server.psql("CREATE TABLE secret (x int); INSERT INTO secret VALUES (42)")
        folder = try await temporaryDirectory("judged")
        let upstream = PostgresUpstream(
            host: .tcp(name: "127.0.0.1", port: server.port), user: PostgresSandbox.superuser, database: "postgres",
            password: nil)
        let recorder = RecorderConfiguration(state: folder + "/state", recordings: folder + "/recordings", lanes: 1)
        self.rules = RuleBook(rules) { Timestamp.current().wallNanoseconds }
        var service = PostgresService(ownersOnly: upstream)
        service.rules = self.rules
        var configuration = GatewayConfiguration([.init(.loopback(port: 0), service)], recorder: recorder)
        // A busy machine is no reason to turn a client away.
        configuration.loginLimit = .seconds(60)
        configuration.dialLimit = .seconds(60)
        gateway = try Gateway(configuration)
    }

    func client(_ parameters: [(name: String, value: String)] = []) async throws -> WireClient {
        try await WireClient(port: gateway.addresses[0].port ?? 0, parameters)
    }

    /// What the server holds, in the end: rows of `t` and of `secret`.
    func rows() async throws -> String {
        try await server.psql("SELECT array_agg(x ORDER BY x) FROM t; SELECT array_agg(x ORDER BY x) FROM secret")
    }

    /// Nobody may touch `secret`.
    static let noSecret: RuleSet = {
        var rule = Rule("no-secret", .deny)
        rule.tables = ["secret"]
        rule.message = "Ask the keeper."
        return RuleSet([rule])
    }()
}
