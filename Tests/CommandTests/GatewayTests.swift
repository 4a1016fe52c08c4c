import Glibc
import Testing
import WireTestKit

/// `wiretrail gateway` with what the other commands make for it: verifiers, and lines to paste.
@Suite struct GatewayTests {
    private let program: Program
    private let sandbox: PostgresSandbox
    private let port = ReservedPort()

    init() async throws {
        program = try await Program()
        sandbox = try await PostgresSandbox.start(users: [.init("orders_app", .scram, password: "of the server")])
        try write("of the server\n", to: program.home + "/orders.password")
    }

    private func configuration(_ verifier: String, rules: String = "{default: allow}") -> String {
        """
        version: 1
        state: state
        listeners:
          - address: 127.0.0.1:\(port.number)
            tls: {mode: required}
        targets:
          - name: orders
            url: postgres://127.0.0.1:\(sandbox.port)/postgres
            credential: {user: orders_app, passwordFile: orders.password}
        identities:
          users:
            - {name: alice, groups: [staff], verifier: "\(verifier)"}
        rules: \(rules)
        recording: {folder: recordings}

        """
    }

    private func start() async throws -> ChildProcess {
        let gateway = try ChildProcess(
            Command(
                try await Program.path(), ["gateway", "--config", program.home + "/wiretrail.yaml"],
                environment: ["HOME": program.home, "NO_COLOR": "1"]), scratch: program.home)
        try await until { gateway.output.contains("\n") || gateway.hasEnded }
        return gateway
    }

    private func psql(_ url: String, _ password: String, _ sql: String) async throws -> CommandResult {
        try await Command("psql", ["-XAt", url, "-c", sql], environment: ["PGPASSWORD": password]).run()
    }

    @Test func `a verifier that was made lets in by the line that was printed, and a bad reload changes nothing`()
        async throws
    {
        let made = Command(try await Program.path(), ["hash-password"], input: "correct horse\n")
        let verifier = try await made.output().prefix { $0 != "\n" }
        try write(configuration(String(verifier)), to: program.home + "/wiretrail.yaml")
        let gateway = try await start()
        let lines = try await program.run(["targets", program.home + "/wiretrail.yaml", "--as", "alice"]).output
        let url = String(try #require(lines.firstMatch(of: /psql '(.*)'/)?.1))
        #expect(url.contains("sslmode=verify-full"))

        let who = "SELECT current_user, (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())"
        #expect(try await psql(url, "correct horse", who).output == "orders_app|f\n")
        let wrong = try await psql(url, "of the server", who)
        #expect(wrong.exit == .status(2))
        #expect(wrong.errors.contains("authentication failed"))

        try write(
            configuration(String(verifier)).replacing("rules", with: "ruels"), to: program.home + "/wiretrail.yaml")
        gateway.signal(SIGHUP)
        try await until { gateway.errors.contains("did you mean “rules”?") }
        #expect(try await psql(url, "correct horse", who).exit == .status(0))

        let rules = "{default: allow, named: [{name: no-looking, verdict: deny, statements: {kinds: [select]}}]}"
        try write(configuration(String(verifier), rules: rules), to: program.home + "/wiretrail.yaml")
        gateway.signal(SIGHUP)
        try await until { try await psql(url, "correct horse", who).errors.contains("no-looking") }
        gateway.signal(SIGTERM)
        #expect(try await gateway.wait(timeoutSeconds: 60) == .status(0))
        #expect(!gateway.errors.contains("of the server") && !gateway.errors.contains("correct horse"))
    }
}
