import Testing
import WireTestKit

/// Real clients behave through a company's gateway, with TLS and SCRAM on both legs, as they do directly.
@Suite struct CompanyTests {
    @Test func `psql with verify-full and channel binding`() async throws {
        let rig = try await Rig.company()
        try await rig.expectSameTranscript { $0.psql(["-f", clients + "/everything.psql"]) }
        let timeline = try await rig.expectVerifiedTimelines()
        #expect(timeline.contains("alice (scram-sha-256)"))
        #expect(timeline.contains("TLSv1.3 TLS_AES_256_GCM_SHA384"))
        #expect(timeline.contains("as alice, TLSv1.3"))
        #expect(timeline.contains("COPY purchase (customer, total, at) FROM STDIN"))
    }

    @Test func `psycopg 3, whose libpq is 18`() async throws {
        let rig = try await Rig.company()
        try await rig.expectSameTranscript { $0.command(python, [clients + "/psycopg_client.py", ""]) }
        let timeline = try await rig.expectVerifiedTimelines()
        #expect(timeline.contains("method SCRAM-SHA-256-PLUS"))
    }

    @Test func `TLS from the first byte`() async throws {
        let rig = try await Rig.company()
        var command = rig.recorded.command(
            python, ["-c", "import psycopg; print(psycopg.connect('').execute('SELECT 6 * 7').fetchone()[0])"])
        command.environment["PGSSLNEGOTIATION"] = "direct"
        #expect(try await command.output() == "42\n")
        #expect(try await rig.expectVerifiedTimelines().contains("SELECT 6 * 7"))
    }

    @Test func `asyncpg`() async throws {
        let rig = try await Rig.company()
        try await rig.expectSameTranscript { $0.command(python, [clients + "/asyncpg_client.py", "postgresql://"]) }
        try await rig.expectVerifiedTimelines()
    }

    @Test func `Go's pgx`() async throws {
        let rig = try await Rig.company()
        try await rig.expectSameTranscript { $0.pgx() }
        let timeline = try await rig.expectVerifiedTimelines()
        #expect(timeline.contains("copy \"item\" ( \"id\", \"name\" ) from stdin binary"))
        #expect(timeline.contains("SELECT pg_sleep(60)"))
    }

    @Test(arguments: ["3.2", "latest"])
    func `protocol versions are settled as they are directly`(_ version: String) async throws {
        let rig = try await Rig.company()
        for bound in ["PGMAXPROTOCOLVERSION", "PGMINPROTOCOLVERSION"] {
            try await rig.expectSameTranscript { route in
                var command = route.command(python, [clients + "/psycopg_client.py", ""])
                command.environment[bound] = version
                command.environment["PGMAXPROTOCOLVERSION"] = version
                return command
            }
        }
        let timeline = try await rig.expectVerifiedTimelines()
        #expect(timeline.contains("3.2"))
    }

    @Test func `JDBC`() async throws {
        let rig = try await Rig.company()
        try await rig.expectSameTranscript { route in
            Command("java", ["-cp", "/usr/share/java/postgresql.jar", clients + "/JdbcClient.java", route.jdbc])
        }
        try await rig.expectVerifiedTimelines()
    }

    @Test func `pgbench with fifty connections`() async throws {
        let rig = try await Rig.company()
        try await rig.direct.command("pgbench", ["-i", "-q"]).output()
        let words = ["-n", "-M", "prepared", "-c", "50", "-j", "2", "-t", "20"]
        let report = try await rig.recorded.command("pgbench", words).output()
        #expect(report.contains("number of transactions actually processed: 1000/1000"))
        #expect(report.contains("number of failed transactions: 0"))
        try await rig.expectVerifiedTimelines()
    }
}

/// What whoever runs the gateway does while people work.
@Suite struct CompanyChangeTests {
    /// Reads as pgbench does. The last transaction of each client waits until the gate is open: on no machine are all through before
    /// the gateway has been changed and is to end, which a transaction that is open may do something in before it ends.
    private static let script = """
        \\set n :n + 1
        \\set aid random(1, 200000)
        \\if :n = 500
        BEGIN;
        SELECT pg_advisory_lock_shared(1);
        \\endif
        SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
        \\if :n = 500
        END;
        \\endif

        """

    @Test func `reloads and new certificates go unnoticed by two hundred busy connections, and so does the end`()
        async throws
    {
        let rig = try await Rig.company(connections: 300)
        try await rig.direct.command("pgbench", ["-i", "-q", "-s", "2"]).output()
        let gate = try ChildProcess.interactive(Command("psql", rig.server.place))
        gate.send("SELECT pg_advisory_lock(1), 'shut';\n")
        try await until { gate.output.contains("shut") }
        let script = rig.gateway.directory + "/load.sql"
        try write(Self.script, to: script)
        let words = ["-n", "-M", "prepared", "-c", "200", "-j", "4", "-t", "500", "-D", "n=0", "-f", script]
        let load = try ChildProcess(rig.recorded.command("pgbench", words))
        let connected = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench'"
        try await until { try await rig.server.psql(connected) == "200\n" || load.hasEnded }
        let path = rig.gateway.directory + "/wiretrail.yaml"
        let configuration = try #require(read(path))
        for number in 1...5 {
            // Each reload has the development authority make the listener another certificate.
            try rig.gateway.reload(configuration + "# \(number)\n")
            try await until { rig.gateway.log.split(separator: "is read again").count == number + 1 }
        }
        try rig.gateway.reload("version: 2\n")
        try await until { rig.gateway.log.contains("nothing is changed") }
        let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        try await until { try await rig.server.psql(waiting) == "200\n" || load.hasEnded }
        #expect(!load.hasEnded)
        async let ended = rig.gateway.drain(timeoutSeconds: 300)
        try await until { rig.gateway.log.contains("ending, with 200 open connections") }
        gate.send("SELECT pg_advisory_unlock(1);\n")
        #expect(try await load.wait(timeoutSeconds: 300) == .status(0))
        #expect(load.output.contains("number of transactions actually processed: 100000/100000"), "\(load.errors)")
        #expect(load.output.contains("number of failed transactions: 0"))
        #expect(try await ended == .status(0))
        try await rig.gateway.expectVerifiedRecordings()
    }
}
