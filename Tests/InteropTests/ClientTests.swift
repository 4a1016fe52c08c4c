import Testing
import WireTestKit

/// Real clients say the same directly and through the gateway, and what they did is in recordings that verify.
@Suite struct ClientTests {
    @Test func `psql: every backslash command, COPY, errors, large objects, notifications`() async throws {
        let rig = try await Rig.start()
        try await rig.expectSameTranscript { $0.psql(["-f", clients + "/everything.psql"]) }
        try await rig.expectVerifiedTimeline(naming: [
            "CREATE TABLE customer", "COPY purchase (customer, total, at) FROM STDIN", "SELECT lo_from_bytea",
            "NOTIFY news, 'payload'", "division by zero",
        ])
    }

    @Test(arguments: ["simple", "extended", "prepared"])
    func `pgbench finishes every transaction`(_ mode: String) async throws {
        let rig = try await Rig.start()
        try await rig.recorded.command("pgbench", ["-i", "-q"]).output()
        let words = ["-n", "-M", mode, "-c", "4", "-j", "2", "-t", "50"]
        let report = try await rig.recorded.command("pgbench", words).output()
        #expect(report.contains("number of transactions actually processed: 200/200"))
        #expect(report.contains("number of failed transactions: 0"))
        try await rig.expectVerifiedTimeline(naming: ["UPDATE pgbench_accounts SET abalance"])
    }

    @Test func `pg_dump and pg_restore carry a database over`() async throws {
        let rig = try await Rig.start()
        try await rig.direct.command("pgbench", ["-i", "-q", "-s", "2"]).output()
        let dump = ["--restrict-key=same", "--no-owner"]
        try await rig.expectSameTranscript { $0.command("pg_dump", dump) }
        let archive = rig.gateway.directory + "/archive"
        try await rig.recorded.command("pg_dump", ["-Fc", "-f", archive]).output()
        try await rig.recorded.command("pg_restore", ["--clean", "--dbname", "postgres", archive]).output()
        try await rig.expectSameTranscript { $0.command("pg_dump", dump) }
        try await rig.expectVerifiedTimeline(naming: ["COPY public.pgbench_accounts"])
    }

    @Test func `psycopg 3: binary, pipelines, COPY, server cursors, cancel`() async throws {
        let rig = try await Rig.start()
        try await rig.expectSameTranscript { route in
            route.command(python, [clients + "/psycopg_client.py", ""])
        }
        try await rig.expectVerifiedTimeline(naming: ["CREATE TEMP TABLE item", "SELECT pg_sleep(60)", "psycopg_news"])
    }

    @Test func `asyncpg: binary, prepared statements, cursors, pool, cancel`() async throws {
        let rig = try await Rig.start()
        try await rig.expectSameTranscript { route in
            route.command(python, [clients + "/asyncpg_client.py", "postgresql://"])
        }
        try await rig.expectVerifiedTimeline(naming: ["SELECT generate_series(1, 500)", "SELECT pg_sleep(60)"])
    }

    @Test func `JDBC: extended protocol, batches, cursors, COPY, cancel`() async throws {
        let rig = try await Rig.start()
        try await rig.expectSameTranscript { route in
            Command("java", ["-cp", "/usr/share/java/postgresql.jar", clients + "/JdbcClient.java", route.jdbc])
        }
        try await rig.expectVerifiedTimeline(naming: ["SELECT id FROM item ORDER BY id", "SELECT pg_sleep(60)"])
    }
}

/// The client programs, beside the test targets.
let clients = #filePath.split(separator: "/").dropLast(2).reduce(into: "") { $0 += "/" + $1 } + "/Clients"

/// The Python that `make` put the client libraries into.
let python = Repository.root + "/.build/venv/bin/python"

/// Verifies recordings with nothing of ours but docs/wtr.md.
let independentVerifier = Repository.root + "/Tests/Harness/verify_wtr.py"
