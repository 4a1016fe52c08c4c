import Protocols
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// A statement that waits for a person: answered, given up, out of time.
@Suite struct PostgresQuestionTests {
    private static func asking(patience: Duration = .seconds(300)) -> RuleSet {
        var rule = Rule("four-eyes", .ask)
        rule.statements = [.delete]
        rule.patience = patience
        return RuleSet([rule])
    }

    private static let bob = ControlActor(uid: 1, name: "bob")

    /// The question that is open, as soon as there is one.
    private static func question(_ rig: JudgedGateway) async throws -> OpenQuestion {
        try await until { !rig.gateway.desk.open.isEmpty }
        return try #require(rig.gateway.desk.open.first)
    }

    private static func answer(_ rig: JudgedGateway, _ answer: QuestionAnswer) async throws {
        let question = try await question(rig)
        try rig.gateway.desk.answer(
            question.id, answer, reason: "so be it", by: bob, at: Timestamp.current().wallNanoseconds)
    }

    @Test func `an allowed statement runs, and its client was told what it waited for`() async throws {
        let rig = try await JudgedGateway(Self.asking())
        let client = try await rig.client()
        client.send(Ask.query("DELETE FROM t"), Ask.query("SELECT 1"))
        #expect(try await client.next() == "N")
        let question = try await Self.question(rig)
        #expect(question.rule == "four-eyes")
        #expect(question.title == "DELETE without WHERE on t: DELETE FROM t")
        #expect(client.lastNotice["H"]?.contains("wiretrail answer \(question.id) allow") == true)
        #expect(try await rig.rows() == "{0}\n{42}\n")
        try await Self.answer(rig, .allow)
        #expect(try await client.answers(2) == ["C DELETE 1", "Z I", "T", "D 1", "C SELECT 1", "Z I"])
        await rig.gateway.drain()
    }

    @Test func `a denied statement fails in its place, in a pipeline and in a transaction`() async throws {
        let rig = try await JudgedGateway(Self.asking())
        let client = try await rig.client()
        client.send(Ask.run("INSERT INTO t VALUES (1)"), Ask.run("DELETE FROM secret"), Ask.run("SELECT 1"), Ask.sync)
        try await Self.answer(rig, .deny)
        #expect(try await client.answers() == ["N", "1", "2", "C INSERT 0 1", "1", "2", "E 42501", "Z I"])
        client.send(Ask.query("BEGIN"), Ask.query("DELETE FROM secret"), Ask.query("COMMIT"))
        try await Self.answer(rig, .deny)
        let answers = try await client.answers(3).filter { $0 != "N" }
        #expect(answers == ["C BEGIN", "Z T", "E 42501", "Z E", "C ROLLBACK", "Z I"])
        #expect(try await rig.rows() == "{0}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `a prepared statement asks each time that it runs`() async throws {
        let rig = try await JudgedGateway(Self.asking())
        let client = try await rig.client()
        client.send(Ask.parse("DELETE FROM t", "s"), Ask.sync)
        #expect(try await client.answers() == ["1", "Z I"])
        for answer in [QuestionAnswer.allow, .deny] {
            client.send(Ask.bind("s"), Ask.execute(), Ask.sync)
            try await Self.answer(rig, answer)
            let end = answer == .allow ? "C DELETE 1" : "E 42501"
            #expect(try await client.answers().filter { $0 != "N" } == ["2", end, "Z I"])
        }
        await rig.gateway.drain()
    }

    @Test func `a portal cannot be given the name of what runs in the place of a denied one`() async throws {
        let rig = try await JudgedGateway(Self.asking())
        let client = try await rig.client()
        let name = "wiretrail refuses this"
        client.send(Ask.parse("DELETE FROM t", "s"), Ask.bind("s", portal: name), Ask.execute(name), Ask.sync)
        try await Self.answer(rig, .deny)
        #expect(try await client.answers().filter { $0 != "N" } == ["1", "2", "E 42501", "Z I"])
        #expect(try await rig.rows() == "{0}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `a question that nobody answers in time is a no`() async throws {
        let rig = try await JudgedGateway(Self.asking(patience: .milliseconds(50)))
        let client = try await rig.client()
        #expect(try await client.query("DELETE FROM t") == ["N", "E 42501", "Z I"])
        #expect(rig.gateway.desk.open.isEmpty)
        await rig.gateway.drain()
    }

    @Test func `nobody answers a question of their own`() async throws {
        let rig = try await JudgedGateway(Self.asking())
        let client = try await rig.client()
        client.send(Ask.query("DELETE FROM t"))
        let question = try await Self.question(rig)
        #expect(throws: ControlFault.self) {
            try rig.gateway.desk.answer(
                question.id, .allow, reason: "", by: ControlActor(uid: 0, name: question.asker), at: 0)
        }
        try await Self.answer(rig, .deny)
        #expect(try await client.answers().last == "Z I")
        await rig.gateway.drain()
    }

    @Test func `a client that leaves takes its question along`() async throws {
        let rig = try await JudgedGateway(Self.asking())
        do {
            let client = try await rig.client()
            client.send(Ask.query("BEGIN"), Ask.query("DELETE FROM t"))
            _ = try await client.answers()
            _ = try await Self.question(rig)
        }
        try await until { rig.gateway.desk.open.isEmpty && rig.gateway.connectionCount == 0 }
        #expect(try await rig.rows() == "{0}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `a cancel request ends the wait as it ends a running statement`() async throws {
        let rig = try await JudgedGateway(Self.asking())
        let client = try await rig.client()
        client.send(Ask.query("BEGIN"), Ask.query("DELETE FROM t"))
        _ = try await Self.question(rig)
        try client.cancel()
        #expect(try await client.answers(2).filter { $0 != "N" } == ["C BEGIN", "Z T", "E 57014", "Z E"])
        #expect(rig.gateway.desk.open.isEmpty)
        #expect(try await client.query("COMMIT") == ["C ROLLBACK", "Z I"])
        #expect(try await rig.rows() == "{0}\n{42}\n")
        await rig.gateway.drain()
    }

    @Test func `other sessions go on while one waits`() async throws {
        let rig = try await JudgedGateway(Self.asking())
        let waiting = try await rig.client()
        waiting.send(Ask.query("DELETE FROM t"))
        _ = try await Self.question(rig)
        let other = try await rig.client()
        #expect(try await other.query("SELECT 1") == ["T", "D 1", "C SELECT 1", "Z I"])
        try await Self.answer(rig, .deny)
        #expect(try await waiting.answers() == ["N", "E 42501", "Z I"])
        await rig.gateway.drain()
    }
}
