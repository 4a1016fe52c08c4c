import Gateway
import Protocols
import Testing
import Transport
import WireTestKit

/// What is denied is denied upstream, too: the client's view and the server's state agree.
@Suite struct PostgresDenialTests {
    @Test func `a denied query is an error, and the session goes on`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        let client = try await rig.client()
        #expect(try await client.query("SELECT * FROM secret") == ["E 42501", "Z I"])
        #expect(try await client.query("SELECT 1") == ["T", "D 1", "C SELECT 1", "Z I"])
        let result = try await Command(
            "psql",
            ["-XqAt", "-h", "127.0.0.1", "-p", "\(rig.gateway.addresses[0].port ?? 0)", "-U", "postgres"]
                + ["-d", "postgres", "-c", "DELETE FROM secret"]
        ).run()
        #expect(result.errors.contains("ERROR:  rule \"no-secret\" does not allow DELETE without WHERE on secret"))
        #expect(result.errors.contains("HINT:  Ask the keeper."))
        #expect(!result.errors.contains("wiretrail refuses"))
        #expect(try await rig.rows() == "{0}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `a string of statements is denied as a whole`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        let client = try await rig.client()
        #expect(try await client.query("INSERT INTO t VALUES (1); DELETE FROM secret; SELECT 1") == ["E 42501", "Z I"])
        #expect(try await rig.rows() == "{0}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `inside a transaction a denied query fails the transaction, and COMMIT rolls back`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        let client = try await rig.client()
        #expect(try await client.query("BEGIN") == ["C BEGIN", "Z T"])
        #expect(try await client.query("INSERT INTO t VALUES (1)") == ["C INSERT 0 1", "Z T"])
        #expect(try await client.query("DELETE FROM secret") == ["E 42501", "Z E"])
        #expect(try await client.query("SELECT 1") == ["E 25P02", "Z E"])
        #expect(try await client.query("TABLE secret") == ["E 42501", "Z E"])
        #expect(try await client.query("COMMIT") == ["C ROLLBACK", "Z I"])
        #expect(try await rig.rows() == "{0}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `a savepoint is a way back from a denial`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        let client = try await rig.client()
        _ = try await client.query("BEGIN; INSERT INTO t VALUES (1); SAVEPOINT s")
        #expect(try await client.query("DELETE FROM secret") == ["E 42501", "Z E"])
        #expect(try await client.query("ROLLBACK TO s") == ["C ROLLBACK", "Z T"])
        #expect(try await client.query("COMMIT") == ["C COMMIT", "Z I"])
        #expect(try await rig.rows() == "{0,1}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `in mid-pipeline a denial undoes what came before it and skips what comes behind`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        let client = try await rig.client()
        client.send(
            Ask.run("INSERT INTO t VALUES (1)"), Ask.run("DELETE FROM secret"), Ask.run("INSERT INTO t VALUES (2)"),
            Ask.sync, Ask.run("INSERT INTO t VALUES (3)"), Ask.sync)
        #expect(
            try await client.answers(2) == [
                "1", "2", "C INSERT 0 1", "E 42501", "Z I", "1", "2", "C INSERT 0 1", "Z I",
            ])
        #expect(try await rig.rows() == "{0,3}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `an error before a denied message is told as it is, and the denied one stays skipped`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        let client = try await rig.client()
        client.send(Ask.run("SELECT 1/0"), Ask.run("DELETE FROM secret"), Ask.sync, Ask.run("TABLE secret"), Ask.sync)
        #expect(try await client.answers(2) == ["1", "E 22012", "Z I", "E 42501", "Z I"])
        #expect(try await rig.rows() == "{0}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `a query that the server skips does not confuse which error is a denial`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        let client = try await rig.client()
        client.send(Ask.parse("SELEC"), Ask.query("SELECT 1"), Ask.sync)
        #expect(try await client.answers() == ["E 42501", "Z I"])
        client.send(Ask.parse("SELECT nothing"), Ask.query("TABLE secret"), Ask.sync, Ask.query("TABLE secret"))
        #expect(try await client.answers(2) == ["E 42703", "Z I", "E 42501", "Z I"])
        await rig.gateway.drain()
    }

    @Test func `what is prepared while it was allowed is judged again when it runs`() async throws {
        let rig = try await JudgedGateway(RuleSet())
        let client = try await rig.client()
        client.send(Ask.parse("TABLE secret", "s"), Ask.sync)
        #expect(try await client.answers() == ["1", "Z I"])
        rig.rules.replace(JudgedGateway.noSecret)
        client.send(Ask.bind("s"), Ask.execute(), Ask.sync)
        #expect(try await client.answers() == ["2", "E 42501", "Z I"])
        rig.rules.replace(RuleSet())
        client.send(Ask.bind("s"), Ask.execute(), Ask.sync)
        #expect(try await client.answers() == ["2", "D 42", "C SELECT 1", "Z I"])
        await rig.gateway.drain()
    }

    @Test func `a portal that is denied when it runs fails the transaction as any failure does`() async throws {
        let rig = try await JudgedGateway(RuleSet([Rule("nothing", .allow), Rule("never", .deny)]))
        let client = try await rig.client()
        client.send(Ask.parse("INSERT INTO t VALUES (1)", "a"), Ask.parse("DELETE FROM secret", "b"), Ask.sync)
        #expect(try await client.answers() == ["1", "1", "Z I"])
        rig.rules.replace(JudgedGateway.noSecret)
        client.send(
            Ask.bind("a"), Ask.execute(), Ask.bind("b", portal: "p"), Ask.execute("p"), Ask.bind("a"), Ask.execute(),
            Ask.sync)
        #expect(try await client.answers() == ["2", "C INSERT 0 1", "2", "E 42501", "Z I"])
        #expect(try await rig.rows() == "{0}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `a suspended portal goes on under the rules of the moment`() async throws {
        let rig = try await JudgedGateway(RuleSet([Rule("nothing", .allow), Rule("never", .deny)]))
        let client = try await rig.client()
        _ = try await client.query("INSERT INTO secret VALUES (43)")
        client.send(
            Ask.query("BEGIN"), Ask.parse("TABLE secret"), Ask.bind(portal: "p"), Ask.execute("p", rows: 1), Ask.sync)
        #expect(try await client.answers(2) == ["C BEGIN", "Z T", "1", "2", "D 42", "s", "Z T"])
        rig.rules.replace(JudgedGateway.noSecret)
        client.send(Ask.execute("p", rows: 1), Ask.sync)
        #expect(try await client.answers() == ["E 42501", "Z E"])
        #expect(try await client.query("COMMIT") == ["C ROLLBACK", "Z I"])
        await rig.gateway.drain()
    }

    @Test func `COPY in and out is denied, and an allowed COPY leaves all in step`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        let client = try await rig.client()
        client.send(Ask.query("COPY secret FROM STDIN"), Ask.copyData("1\n"), Ask.copyDone)
        #expect(try await client.answers() == ["E 42501", "Z I"])
        #expect(try await client.query("COPY secret TO STDOUT") == ["E 42501", "Z I"])
        #expect(try await client.query("COPY t TO PROGRAM 'true'") == ["E 42501", "Z I"])
        client.send(Ask.query("COPY t FROM STDIN"), Ask.copyData("1\n"), Ask.copyDone)
        #expect(try await client.answers() == ["G", "C COPY 1", "Z I"])
        // libpq says Sync right behind Execute, and the server ignores it while it reads data.
        client.send(Ask.run("COPY t FROM STDIN"), Ask.sync, Ask.copyData("2\n"), Ask.copyDone, Ask.sync)
        #expect(try await client.answers() == ["1", "2", "G", "C COPY 1", "Z I"])
        client.send(Ask.run("TABLE secret"), Ask.sync, Ask.query("TABLE secret"))
        #expect(try await client.answers(2) == ["E 42501", "Z I", "E 42501", "Z I"])
        #expect(try await rig.rows() == "{0,1,2}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `a function by number is denied, and a Bind too long to be held is known by its names`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        let client = try await rig.client()
        client.send(Ask.functionCall(1598))
        #expect(try await client.answers() == ["E 42501", "Z I"])
        client.send(
            Ask.parse("SELECT length($1)", "s"), Ask.bind("s", portal: "p", padding: 2 << 20), Ask.execute("p"),
            Ask.sync)
        #expect(try await client.answers() == ["1", "2", "D 2097152", "C SELECT 1", "Z I"])
        let long = "SELECT '" + String(repeating: "x", count: 2 << 20) + "'"
        #expect(try await client.query(long) == ["E 42501", "Z I"])
        client.send(Ask.parse(long), Ask.sync)
        #expect(try await client.answers() == ["E 42501", "Z I"])
        #expect(try await client.query("SELECT 1") == ["T", "D 1", "C SELECT 1", "Z I"])
        await rig.gateway.drain()
    }

    @Test func `a name that SQL made anew is not taken for what it was`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        let client = try await rig.client()
        client.send(Ask.parse("SELECT 1", "s"), Ask.sync)
        _ = try await client.answers()
        _ = try await client.query("DEALLOCATE s; PREPARE s AS SELECT 2")
        client.send(Ask.bind("s"), Ask.execute(), Ask.sync)
        #expect(try await client.answers() == ["2", "E 42501", "Z I"])
        #expect(try await client.query("EXECUTE s") == ["E 42501", "Z I"])
        await rig.gateway.drain()
    }
}
