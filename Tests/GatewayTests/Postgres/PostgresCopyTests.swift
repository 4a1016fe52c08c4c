import Protocols
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// COPY FROM STDIN: while the server reads data it ignores Sync, and nobody can tell from outside at which byte it stopped.
@Suite struct PostgresCopyTests {
    private static let asking: RuleSet = {
        var rule = Rule("four-eyes", .ask)
        rule.statements = [.delete]
        return RuleSet([rule])
    }()

    /// Whatever is asked next is denied.
    private static func deny(_ rig: JudgedGateway) async throws {
        try await until { !rig.gateway.desk.open.isEmpty }
        let question = try #require(rig.gateway.desk.open.first)
        try rig.gateway.desk.answer(
            question.id, .deny, reason: "no", by: ControlActor(uid: 1, name: "bob"),
            at: Timestamp.current().wallNanoseconds)
    }

    /// Up to the end of the connection.
    private static func rest(_ client: WireClient) async -> [String] {
        var answers: [String] = []
        while let answer = try? await client.next() { answers.append(answer) }
        return answers
    }

    /// The server ends a session that asks for something else while it waits for data: it has read the type of a message
    /// whose end it will not find.
    @Test(arguments: ["TABLE t", "TABLE secret", "DELETE FROM t"])
    func `another request among the data ends the session as it does without us`(_ sql: String) async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        var seen: [[String]] = []
        for port in [rig.server.port, rig.gateway.addresses[0].port ?? 0] {
            let client = try await WireClient(port: port)
            client.send(Ask.query("COPY t FROM STDIN"), Ask.copyData("1\n"))
            #expect(try await client.next() == "G")
            client.send(Ask.query(sql), Ask.copyData("2\n"), Ask.copyDone)
            seen.append(await Self.rest(client))
        }
        #expect(seen[0] == seen[1])
        #expect(seen[0].first == "E 08P01")
        #expect(try await rig.rows() == "{0}\n{42}\n")
        let client = try await rig.client()
        #expect(try await client.query("TABLE secret") == ["E 42501", "Z I"])
        await rig.gateway.drain()
    }

    /// Whether the server ignored the first Sync or not cannot be known: what is under a name afterwards is not known either.
    @Test(arguments: [true, false])
    func `a Sync among bad data puts no statement under another's name`(_ isEarly: Bool) async throws {
        let rig = try await JudgedGateway(Self.asking)
        let client = try await rig.client()
        client.send(Ask.parse("SELECT 7", "known"), Ask.sync)
        #expect(try await client.answers() == ["1", "Z I"])
        let smuggled = [Ask.copyData("bad\n"), Ask.sync, Ask.parse("DELETE FROM t"), Ask.sync].flatMap { $0 }
        client.send(Ask.run("COPY t FROM STDIN"), isEarly ? smuggled : [])
        for answer in ["1", "2", "G"] { #expect(try await client.next() == answer) }
        if !isEarly { client.send(smuggled) }
        #expect(try await client.answers(2) == ["E 22P02", "Z I", "1", "Z I"])
        client.send(Ask.sync)
        #expect(try await client.answers() == ["Z I"])
        client.send(Ask.bind(), Ask.execute(), Ask.sync)
        try await Self.deny(rig)
        #expect(try await client.answers().filter { $0 != "N" } == ["2", "E 42501", "Z I"])
        #expect(try await rig.rows() == "{0}\n{42}\n")
        // What stands in a request itself is known, and so is what a text says.
        client.send(Ask.run("SELECT 1"), Ask.sync, Ask.query("SELECT 2"))
        #expect(try await client.answers(2) == ["1", "2", "D 1", "C SELECT 1", "Z I", "T", "D 2", "C SELECT 1", "Z I"])
        await rig.gateway.drain()
    }

    @Test func `a name that is not known stays so while its next Parse may fail`() async throws {
        let rig = try await JudgedGateway(RuleSet())
        let client = try await rig.client()
        client.send(Ask.parse("DELETE FROM t", "s"), Ask.sync)
        #expect(try await client.answers() == ["1", "Z I"])
        rig.rules.replace(Self.asking)
        client.send(Ask.parse("SELECT 1", "s"), Ask.sync, Ask.bind("s"), Ask.execute(), Ask.sync)
        try await Self.deny(rig)
        #expect(try await client.answers(2).filter { $0 != "N" } == ["E 42P05", "Z I", "2", "E 42501", "Z I"])
        #expect(try await rig.rows() == "{0}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `an ended COPY leaves names as they were, with a Sync among its data, too`() async throws {
        let rig = try await JudgedGateway(Self.asking)
        let client = try await rig.client()
        client.send(Ask.parse("SELECT 7", "known"), Ask.sync)
        #expect(try await client.answers() == ["1", "Z I"])
        client.send(Ask.run("COPY t FROM STDIN"), Ask.sync, Ask.copyData("1\n"), Ask.sync, Ask.copyDone, Ask.sync)
        #expect(try await client.answers() == ["1", "2", "G", "C COPY 1", "Z I"])
        client.send(Ask.query("COPY t FROM STDIN"), Ask.copyData("bad\n"), Ask.copyDone)
        #expect(try await client.answers() == ["G", "E 22P02", "Z I"])
        client.send(Ask.bind("known"), Ask.execute(), Ask.sync)
        #expect(try await client.answers() == ["2", "D 7", "C SELECT 1", "Z I"])
        await rig.gateway.drain()
    }
}
