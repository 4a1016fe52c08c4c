import Glibc
import Testing
import WireTestKit

/// `list`, `kill`, `status` and what goes with them, on a gateway that runs.
@Suite(.timeLimit(.minutes(5))) struct LiveTests {
    /// A gateway before a server of its own, and a psql that has said something through it.
    private struct Rig {
        let server: PostgresSandbox
        let gateway: WiretrailProcess

        init(options: [String] = []) async throws {
            server = try await PostgresSandbox.start()
            gateway = try await WiretrailProcess.record(
                "postgres://postgres@127.0.0.1:\(server.port)/postgres", options: options)
        }

        var target: String { "postgres://postgres@127.0.0.1:\(gateway.port)/postgres" }

        func connect() async throws -> ChildProcess {
            let psql = try ChildProcess.interactive(Command("psql", ["-XAtq", target]))
            psql.send("SELECT 'he' || 're';\n")
            try await until { psql.output.contains("here") }
            return psql
        }

        func end() async throws {
            #expect(try await gateway.drain() == .status(0))
        }
    }

    @Test func `who is connected is listed, with what they did`() async throws {
        let rig = try await Rig()
        let nobody = try await rig.gateway.run(["list"])
        #expect(nobody.exit == .status(7) && nobody.output == "nobody is connected\n")
        let psql = try await rig.connect()
        let list = try await rig.gateway.run(["list"])
        let rows = list.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(list.exit == .status(0) && rows.count == 2)
        let own = try await Command("id", ["-un"]).output().filter { !$0.isNewline }
        #expect(rows.last?.first == "1" && rows.last?.contains(own) == true && rows.last?.last == "idle")
        #expect(rows.last?.contains("peer-uid") == true)
        psql.send("BEGIN; SELECT 'op' || 'en';\n")
        try await until { psql.output.contains("open") }
        let busy = try await rig.gateway.run(["list", "--json"])
        #expect(busy.output.contains(#""state":"busy""#) && busy.output.contains(#""session":1"#))
        #expect(busy.output.contains(#""target":"127.0.0.1:\#(rig.server.port)/postgres""#))
        psql.send("\\q\n")
        try await psql.wait(timeoutSeconds: 60)
        try await until { try await rig.gateway.run(["list"]).exit == .status(7) }
        try await rig.end()
    }

    @Test func `a killed session ends, its client learns by whom and why, and so does the auditor`() async throws {
        let rig = try await Rig()
        let psql = try await rig.connect()
        let other = try await rig.connect()
        let killed = try await rig.gateway.run(["kill", "1", "--reason", "locks \u{1b}[31m orders"])
        #expect(killed.exit == .status(0) && killed.output == "session 1 was told to end\n")
        psql.send("SELECT 1;\n")
        #expect(try await psql.wait(timeoutSeconds: 60) == .status(2))
        let own = try await Command("id", ["-un"]).output().filter { !$0.isNewline }
        #expect(psql.errors.contains("FATAL:  terminating connection due to a command of \(own)"))
        #expect(psql.errors.contains("The reason that was given: locks \\x1b[31m orders"))
        try await until { try await rig.gateway.run(["kill", "1"]).exit == .status(7) }
        other.send("SELECT 'still ' || 'there';\n")
        try await until { other.output.contains("still there") }
        other.send("\\q\n")
        try await rig.end()
        #expect(
            rig.gateway.log.contains(" info session killed session=1 by=\(own) reason=\"locks \\u001b[31m orders\"\n"))
        let story = try await rig.gateway.run(["timeline", "1", "--recordings", rig.gateway.recordings])
        #expect(story.output.contains("killed by \(own): locks \\x1b[31m orders"))
        #expect(try await rig.gateway.run(["verify", rig.gateway.recordings]).exit == .status(0))
    }

    @Test func `what happens is told to whoever follows`() async throws {
        let rig = try await Rig()
        let follower = try ChildProcess(try await WiretrailProcess.command(["follow"], in: rig.gateway.directory))
        try await until {
            let psql = try await rig.connect()
            psql.send("\\q\n")
            // The first that it hears of may have begun before it listened.
            return ["session began", "session ended"].allSatisfy(follower.output.contains)
        }
        let began = follower.output.split(separator: "\n").first { $0.contains("session began") }
        #expect(began?.contains(#"target="127.0.0.1:\#(rig.server.port)/postgres""#) == true)
        try await rig.end()
        #expect(try await follower.wait(timeoutSeconds: 60) == .status(1))
        #expect(follower.errors.contains("the gateway ended"))
    }

    @Test func `a statement that runs for ever ends with its session`() async throws {
        let rig = try await Rig()
        let psql = try await rig.connect()
        psql.send("SELECT pg_sleep(600);\n")
        let running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
        try await until { try await rig.server.psql(running) == "1\n" }
        #expect(try await rig.gateway.run(["kill", "1"]).exit == .status(0))
        try await until { psql.errors.contains("terminating connection") }
        try await until { try await rig.server.psql(running) == "0\n" }
        try await rig.end()
    }

    @Test func `the status tells whether a new connection would be let in`() async throws {
        let rig = try await Rig()
        let status = try await rig.gateway.run(["status"])
        #expect(status.exit == .status(0) && status.output.hasPrefix("ready\n"))
        #expect(status.output.contains("listens on    127.0.0.1:\(rig.gateway.port)\n"))
        #expect(try await rig.gateway.run(["status", "--json"]).output.contains(#""ready":true"#))
        try await rig.end()
    }

    @Test func `without a configuration there is nothing to reload, and without rules nothing to answer`() async throws
    {
        let rig = try await Rig()
        let reload = try await rig.gateway.run(["reload"])
        #expect(reload.exit == .status(1) && reload.errors.contains("started without a configuration"))
        let questions = try await rig.gateway.run(["questions"])
        #expect(questions.exit == .status(7) && questions.output == "no question waits\n")
        let answer = try await rig.gateway.run(["answer", "1", "allow", "--reason", "x"])
        #expect(answer.exit == .status(7) && answer.errors.contains("no question 1 waits"))
        try await rig.end()
    }

    @Test func `figures and probes are served where that was asked for`() async throws {
        let port = ReservedPort()
        let rig = try await Rig(options: ["--metrics", "127.0.0.1:\(port.number)"])
        let psql = try await rig.connect()
        let metrics = try await Command("curl", ["-sS", "http://127.0.0.1:\(port.number)/metrics"]).output()
        #expect(metrics.contains("\nwiretrail_connections{state=\"idle\"} 1\n"))
        #expect(metrics.contains("\nwiretrail_connections_accepted_total 1\n"))
        #expect(metrics.contains("\nwiretrail_recordings_open 1\n"))
        let received = metrics.split(separator: "\n").first { $0.contains("{direction=\"received\"}") }
        #expect(received.flatMap { Int($0.split(separator: " ")[1]) } ?? 0 > 0)
        for path in ["healthz", "readyz"] {
            #expect(try await Command("curl", ["-sSf", "http://127.0.0.1:\(port.number)/\(path)"]).output() == "ok\n")
        }
        psql.send("\\q\n")
        try await rig.end()
    }
}
