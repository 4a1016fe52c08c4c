import Testing

@testable import Gateway

@Suite struct QuestionBookTests {
    private let bob = ControlActor(uid: 1001, name: "bob")

    private func book(_ asker: String = "alice", patience: Int64 = 100) throws -> (QuestionBook, OpenQuestion) {
        var book = QuestionBook(firstID: 40, limit: 2)
        let asked = book.ask(
            session: 7, asker: asker, rule: "drops", title: "DROP TABLE t", at: 1000, patience: patience)
        return (book, try #require(asked))
    }

    @Test func `a second person answers, and only once`() throws {
        var (book, question) = try book()
        #expect(question.id == 40 && question.expires == 1100)
        #expect(book.open == [question])
        #expect(try book.answer(40, by: bob, at: 1050) == question)
        #expect(throws: ControlFault(.noSuchQuestion, "no question 40 waits for an answer")) {
            try book.answer(40, by: bob, at: 1050)
        }
    }

    @Test(arguments: ["alice", "Alice", "ALICE"])
    func `nobody answers a question of their own, however they write their name`(_ name: String) throws {
        var (book, _) = try book()
        #expect {
            try book.answer(40, by: ControlActor(uid: 1000, name: name), at: 1050)
        } throws: {
            ($0 as? ControlFault)?.code == .ownQuestion
        }
        #expect(book.open.count == 1, "it still waits for somebody else")
    }

    @Test func `an answer that comes too late decides nothing`() throws {
        var (book, question) = try book()
        #expect(throws: ControlFault.self) { try book.answer(40, by: bob, at: 1100) }
        #expect(try book.answer(40, by: bob, at: 1099) == question)
    }

    @Test func `a question whose client has gone cannot be answered`() throws {
        var (book, question) = try book()
        #expect(book.withdraw(40) == question)
        #expect(book.withdraw(40) == nil)
        #expect(throws: ControlFault.self) { try book.answer(40, by: bob, at: 1050) }
    }

    @Test func `a number is never used for another question`() throws {
        var (book, _) = try book()
        _ = book.withdraw(40)
        let next = book.ask(session: 7, asker: "alice", rule: "drops", title: "", at: 1000, patience: 1)
        #expect(next?.id == 41)
    }

    @Test func `when too many wait, no more are asked`() throws {
        var (book, _) = try book()
        #expect(book.ask(session: 8, asker: "a", rule: "r", title: "", at: 0, patience: 1) != nil)
        #expect(book.ask(session: 9, asker: "a", rule: "r", title: "", at: 0, patience: 1) == nil)
    }

    @Test func `patience has an end`() throws {
        let (_, question) = try book(patience: .max)
        #expect(question.expires == 1000 + QuestionBook.patienceMaximum)
    }
}
