import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// What the recording holds of statements that rules refuse or ask about.
@Suite struct PostgresJudgeRecordingTests {
    private static func book(_ action: Rule.Action, at hours: RuleHours? = nil, now: Int64 = 0) -> RuleBook {
        var rule = Rule("no-secret", action)
        rule.tables = ["secret"]
        rule.hours = hours
        return RuleBook(RuleSet([rule])) { now }
    }

    private static let poisonError = Said.error([("S", "ERROR"), ("C", "42601"), ("M", "syntax error"), ("P", "1")])

    /// Client leg plus notes, as a reader of the recording puts the upstream leg together.
    private static func upstreamLeg(_ session: PostgresRecorded, _ direction: Direction) -> [UInt8] {
        let leg = session.recorded[direction, default: []]
        let base = session.base(direction)
        var made: [UInt8] = []
        var position = 0
        for note in session.notes where note.direction == direction {
            guard [.withheld, .replaced, .refused, .synthesized].contains(note.kind) else { continue }
            let range = (Int(note.range.lowerBound) - base)..<(Int(note.range.upperBound) - base)
            made += leg[position..<range.lowerBound] + note.otherLeg
            position = range.upperBound
        }
        return made + leg[position...]
    }

    @Test(arguments: Chunking.all)
    func `client leg plus notes are the upstream leg where statements are denied`(_ chunking: Chunking) {
        var session = PostgresRecorded(chunking, rules: Self.book(.deny))
        session.client(Ask.query("SELECT 1") + Ask.query("TABLE secret") + Ask.run("DELETE FROM secret") + Ask.sync)
        session.server(Said.ready + Self.poisonError + Said.ready + Self.poisonError + Said.ready)
        #expect(Self.upstreamLeg(session, .clientToServer) == session.upstream[.clientToServer])
        #expect(Self.upstreamLeg(session, .serverToClient) == session.upstream[.serverToClient])
        #expect(session.text(.clientToServer).contains("TABLE secret"))
        #expect(!String(decoding: session.upstream[.clientToServer] ?? [], as: UTF8.self).contains("secret"))
        #expect(session.text(.serverToClient).contains("rule \"no-secret\" does not allow SELECT on secret"))
        let refusals = session.notes.filter { $0.kind == .refused }
        #expect(refusals.count == 3, "the query, the Parse and the Execute")
        #expect(refusals.allSatisfy { $0.reason.contains("no-secret") })
    }

    @Test func `a secret in a refused statement is not recorded`() {
        var session = PostgresRecorded(rules: RuleBook(RuleSet([Rule("nothing", .deny)])) { 0 })
        session.client(Ask.query("ALTER ROLE x PASSWORD 'hunter2'") + Ask.parse("ALTER ROLE x PASSWORD 'hunter2'"))
        #expect(!String(decoding: session.recording, as: UTF8.self).contains("hunter2"))
        #expect(session.notes.contains { $0.kind == .redaction })
    }

    @Test func `a question, its answer and who gave it are recorded`() {
        var session = PostgresRecorded(rules: Self.book(.ask))
        session.client(Ask.query("DELETE FROM secret") + Ask.query("SELECT 1"))
        #expect(session.upstream[.clientToServer, default: []].isEmpty)
        session.settle(.allowed(by: "bob", reason: "change 812"))
        #expect(session.upstream[.clientToServer] == Ask.query("DELETE FROM secret") + Ask.query("SELECT 1"))
        let questions = session.notes.filter { $0.kind == .question }.map(\.reason)
        #expect(
            questions == [
                "rule no-secret asks: DELETE without WHERE on secret: DELETE FROM secret",
                "question 12 allowed by bob: change 812",
            ])
        #expect(session.text(.serverToClient).contains("wiretrail answer 12 allow"))
    }

    @Test func `a secret in a statement that waits is not shown to whoever answers`() {
        var session = PostgresRecorded(rules: RuleBook(RuleSet([Rule("all", .ask)])) { 0 })
        session.client(Ask.query("ALTER ROLE x PASSWORD 'hunter2'"))
        #expect(session.question?.title == "ALTER on what it does not name: a statement that holds a secret")
        session.settle(.denied(by: "bob", reason: ""))
        #expect(!String(decoding: session.recording, as: UTF8.self).contains("hunter2"))
    }

    @Test func `a rule holds at its hours`() {
        let evening: Int64 = 20 * 3_600_000_000_000
        for (now, passes) in [(evening, false), (evening / 2, true)] {
            let hours = RuleHours(start: 18 * 60, end: 6 * 60)
            var session = PostgresRecorded(rules: Self.book(.deny, at: hours, now: now))
            session.client(Ask.query("TABLE secret"))
            #expect((session.upstream[.clientToServer] == Ask.query("TABLE secret")) == passes)
        }
    }

    @Test func `an error that is not the poison's is told as it is`() {
        var session = PostgresRecorded(rules: Self.book(.deny))
        session.client(Ask.query("TABLE secret"))
        let gone = Said.error([("S", "FATAL"), ("C", "57P01"), ("M", "terminating connection")])
        session.server(gone)
        #expect(session.recorded[.serverToClient] == gone)
    }
}
