import Synchronization
import Testing

@testable import Gateway

@Suite struct QuestionDeskTests {
    private final class Decisions: Sendable {
        private let made = Mutex<[String]>([])
        var all: [String] { made.withLock { $0 } }

        @Sendable func note(_ answer: QuestionAnswer, _ actor: ControlActor, _ reason: String) {
            made.withLock { $0.append("\(answer.rawValue) by \(actor.name): \(reason)") }
        }
    }

    private func ask(_ desk: QuestionDesk, _ decisions: Decisions, patience: Duration = .seconds(1)) throws -> UInt64 {
        let question = desk.ask(
            session: 7, asker: "alice", rule: "drops", title: "DROP TABLE t", at: 0, patience: patience,
            decided: decisions.note)
        return try #require(question?.id)
    }

    private let bob = ControlActor(uid: 1001, name: "bob")

    @Test func `whoever waits is told once`() throws {
        let (desk, decisions) = (QuestionDesk(), Decisions())
        let number = try ask(desk, decisions)
        #expect(desk.open.map(\.id) == [number])
        try desk.answer(number, .allow, reason: "checked", by: bob, at: 1)
        #expect(throws: ControlFault.self) { try desk.answer(number, .deny, reason: "", by: bob, at: 1) }
        #expect(decisions.all == ["allow by bob: checked"])
        #expect(!desk.withdraw(number))
        #expect(desk.open.isEmpty)
    }

    @Test func `nobody is told of an answer that does not count`() throws {
        let (desk, decisions) = (QuestionDesk(), Decisions())
        let number = try ask(desk, decisions)
        let alice = ControlActor(uid: 1000, name: "alice")
        #expect(throws: ControlFault.self) { try desk.answer(number, .allow, reason: "", by: alice, at: 1) }
        #expect(throws: ControlFault.self) {
            try desk.answer(number, .allow, reason: "", by: bob, at: 1_000_000_000)
        }
        #expect(desk.withdraw(number))
        #expect(throws: ControlFault.self) { try desk.answer(number, .allow, reason: "", by: bob, at: 1) }
        #expect(decisions.all.isEmpty)
    }

    @Test func `when too many wait, no more are asked`() throws {
        let (desk, decisions) = (QuestionDesk(limit: 1), Decisions())
        _ = try ask(desk, decisions)
        let second = desk.ask(
            session: 8, asker: "carol", rule: "r", title: "", at: 0, patience: .seconds(1), decided: decisions.note)
        #expect(second == nil)
    }

    @Test func `a number of an earlier run is hardly one of this run`() throws {
        let decisions = Decisions()
        let numbers = try (0..<20).map { _ in try ask(QuestionDesk(), decisions) }
        #expect(numbers.allSatisfy { (100_000..<900_000).contains($0) })
        #expect(Set(numbers).count > 10)
    }
}
