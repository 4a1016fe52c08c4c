import Testing
import WireTestKit

/// A server, a gateway in front of it, and both ways to reach it.
struct Rig {
    static let user = "alice"
    static let password = "correct horse battery staple"

    let server: PostgresSandbox
    let gateway: WiretrailProcess
    /// Where Tests/Harness/pki.sh made certificates, if it did.
    var certificates = ""

    /// The upstream demands SCRAM, which no client of the gateway ever learns.
    static func start() async throws -> Rig {
        let alice = PostgresSandbox.User(user, .scram, password: password, isSuperuser: true)
        let server = try await PostgresSandbox.start(users: [alice])
        let gateway = try await WiretrailProcess.record(
            "postgres://\(user)@127.0.0.1:\(server.port)/postgres", password: password)
        return Rig(
            server: server, gateway: gateway, direct: Route(port: server.port, password: Self.password),
            recorded: Route(port: gateway.port, password: nil))
    }

    let direct: Route
    /// The way through the gateway.
    let recorded: Route

    /// Runs a client both ways and demands the same transcript of it.
    func expectSameTranscript(_ client: (Route) -> Command) async throws {
        let direct = try await transcript(client(direct))
        let recorded = try await transcript(client(recorded))
        #expect(direct == recorded)
    }

    /// Both streams and the exit status, with what must differ (ports, process ids) taken out.
    private func transcript(_ command: Command) async throws -> [Substring] {
        let result = try await command.run(timeoutSeconds: 300)
        let text = "\(result.exit)\n" + result.output + result.errors
        return
            text
            .replacing("\(server.port)", with: "PORT")
            .replacing("\(gateway.port)", with: "PORT")
            .replacing(/PID [0-9]+/, with: "PID")
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Ends the gateway and demands that all its recordings verify and that their timelines name these statements.
    func expectVerifiedTimeline(naming statements: [String]) async throws {
        let timelines = try await expectVerifiedTimelines()
        for statement in statements {
            #expect(timelines.contains(statement))
        }
    }

    /// Ends the gateway, demands that all its recordings verify, and returns what their timelines say.
    @discardableResult
    func expectVerifiedTimelines() async throws -> String {
        #expect(try await gateway.drain() == .status(0))
        try await gateway.expectVerifiedRecordings()
        let files = try await Command("find", [gateway.recordings, "-name", "*.wtr", "-size", "+0"]).output()
        var timelines = ""
        for file in files.split(separator: "\n") {
            let timeline = try await gateway.run(["timeline", String(file)])
            #expect(timeline.exit == .status(0), "\(timeline.errors)")
            timelines += timeline.output
        }
        return timelines
    }
}

extension WiretrailProcess {
    /// After its end: our verifier and the independent one accept every recording.
    func expectVerifiedRecordings() async throws {
        let verification = try await run(["verify", recordings])
        #expect(verification.exit == .status(0), "\(verification.output)\(verification.errors)")
        let key = directory + "/gateway.pem"
        try write(try await run(["keys", "--pem"]).output, to: key)
        let other = try await Command(python, [independentVerifier, "--key", key, recordings]).run()
        #expect(other.exit == .status(0), "\(other.output)\(other.errors)")
    }
}

/// One way to the server.
struct Route {
    let port: UInt16
    let password: String?
    /// The authority of the server's certificate, where TLS is to be verified in full.
    var authority: String?

    var environment: [String: String] {
        var login = ["PGHOST": "127.0.0.1", "PGPORT": "\(port)", "PGUSER": Rig.user, "PGDATABASE": "postgres"]
        if let password { login["PGPASSWORD"] = password }
        if let authority {
            login.merge(["PGHOST": "localhost", "PGHOSTADDR": "127.0.0.1"]) { $1 }
            login.merge(["PGSSLMODE": "verify-full", "PGSSLROOTCERT": authority, "PGCHANNELBINDING": "require"]) { $1 }
        }
        return login
    }

    /// A libpq program; where to connect is in its environment.
    func command(_ program: String, _ words: [String], input: String = "") -> Command {
        Command(program, words, environment: environment, input: input)
    }

    func psql(_ words: [String], input: String = "") -> Command {
        command("psql", ["-X"] + words, input: input)
    }

    /// A Go program on Debian's packages; channel binding is not among what this version of pgx knows.
    func pgx() -> Command {
        var command = command("go", ["run", clients + "/pgx_client.go"])
        command.environment["PGCHANNELBINDING"] = nil
        let go = ["GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": Repository.root + "/.build/go"]
        command.environment.merge(go) { $1 }
        return command
    }

    var jdbc: String {
        let secret = password.map { "&password=" + $0.replacing(" ", with: "%20") } ?? ""
        let tls = authority.map { "&sslmode=verify-full&sslrootcert=" + $0 } ?? ""
        return "jdbc:postgresql://localhost:\(port)/postgres?user=\(Rig.user)\(secret)\(tls)"
    }
}
