import Gateway
import Protocols

extension Command {
    static let questions = Command(
        name: "questions",
        summary: "list statements that wait for somebody's answer",
        discussion: """
            A rule may ask for a second person's answer before a statement goes on. Each waits until it is answered, its
            client has gone, or its time is over, which counts as no.
            """,
        options: [.json, .config, .socket, .state],
        examples: [Example("wiretrail questions", "who wants to do what, and until when it waits")],
        exits: [.nothingFound],
        run: { (arguments) async throws(Failure) in try await QuestionsCommand.list(arguments) })

    static let answer = Command(
        name: "answer",
        summary: "let a statement that waits go on, or refuse it",
        discussion: """
            You answer in the name of the user who runs this command, and nobody can answer what they have asked
            themselves. The answer, your name and the reason are in the recording.
            """,
        operands: [
            Operand(name: "QUESTION", help: "its number, as `wiretrail questions` shows it"),
            Operand(name: "allow|deny", help: "whether the statement goes on"),
        ],
        options: [.answerReason, .config, .socket, .state],
        examples: [
            Example("wiretrail answer 4 allow --reason change-812", "the statement goes on"),
            Example("wiretrail answer 5 deny --reason use-the-archive", "its client gets an error with the reason"),
        ],
        exits: [.nothingFound],
        run: { (arguments) async throws(Failure) in try await QuestionsCommand.answer(arguments) })
}

extension Option {
    fileprivate static let answerReason = Option("reason", "TEXT", help: "why; must be given, and is recorded")
}

/// Shows and decides what waits for a person.
private enum QuestionsCommand {
    static func list(_ arguments: Arguments) async throws(Failure) -> ExitCode {
        let replies = try await ControlSocket(arguments).ask(.questions)
        if arguments.has(.json) {
            try Output.write(replies.map { $0.json.text + "\n" }.joined())
        } else {
            let questions = replies.compactMap { if case .question(let question) = $0 { question } else { nil } }
            try Output.write(QuestionList.text(questions, style: Style()))
        }
        return replies.isEmpty ? .nothingFound : .success
    }

    static func answer(_ arguments: Arguments) async throws(Failure) -> ExitCode {
        let word = arguments.operands[0]
        guard let question = UInt64(word) else {
            throw .usage("“\(word)” is no question's number", "`wiretrail questions` shows them")
        }
        guard let answer = QuestionAnswer(rawValue: arguments.operands[1]) else {
            throw .usage("“\(arguments.operands[1])” is no answer", "write: wiretrail answer \(question) allow|deny")
        }
        guard let reason = arguments[.answerReason] else {
            throw .usage("an answer needs a reason, which is recorded", "write: --reason 'agreed in change 812'")
        }
        _ = try await ControlSocket(arguments).ask(.answer(question: question, answer, reason: reason))
        try Output.line("question \(question): \(answer == .allow ? "allowed" : "denied")")
        return .success
    }
}
