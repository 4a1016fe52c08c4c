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
        let report = try await rig.recorded.command("pgbench", words).output(timeoutSeconds: 120)
        #expect(report.contains("number of transactions actually processed: 1000/1000"))
        #expect(report.contains("number of failed transactions: 0"))
        try await rig.expectVerifiedTimelines()
    }
}
