import Protocols

// Where the rules come in: the requests that they are held against, and the answers that tell what became of them.

extension PostgresInterceptor {
    /// - Parameter verdict: what becomes of the message if no rule objects.
    mutating func judge(_ message: PostgresMessage, _ bytes: Span<UInt8>, _ verdict: inout Verdict) {
        switch message {
        case .query(let sql): judge?.query(bytes.extracting(sql), &verdict)
        case .parse(let parse):
            judge?.parse(bytes.extracting(parse.statement), bytes.extracting(parse.sql), &verdict)
        case .bind(let bind):
            judge?.bind(portal: bytes.extracting(bind.portal), statement: bytes.extracting(bind.statement))
        case .execute(let execute): judge?.execute(bytes.extracting(execute.portal), &verdict)
        case .describe: judge?.sent(.describe)
        case .close(let target):
            judge?.closed(target.kind == .statement ? .closeStatement : .closePortal, bytes.extracting(target.name))
        case .sync: judge?.sent(.sync)
        case .copyDone, .copyFail: judge?.sent(.copyEnd)
        case .functionCall, .longRequest(.functionCall):
            judge?.unseen(.query, .functionByNumber, .functionCall, &verdict, instead: PostgresRefusal.Poison.query)
        case .longRequest(.query):
            judge?.unseen(.query, .tooLong, .other, &verdict, instead: PostgresRefusal.Poison.query)
        case .longRequest(.parse):
            judge?.unseen(.parse, .tooLong, .other, &verdict, instead: PostgresRefusal.Poison.parse([]))
        case .longRequest(.bind): judge?.longBind()
        default: break
        }
    }

    mutating func judge(answer message: PostgresMessage, _ bytes: Span<UInt8>, _ verdict: inout Verdict) {
        switch message {
        case .parseComplete: judge?.completed(.parse)
        case .bindComplete: judge?.completed(.bind)
        case .closeComplete: judge?.completed(.closeStatement, or: .closePortal)
        case .noData, .rowDescription, .longResponse(.rowDescription): judge?.completed(.describe)
        case .commandComplete, .emptyQueryResponse, .portalSuspended: judge?.completed(.execute)
        case .copyInResponse, .copyBothResponse: judge?.copyBegan()
        case .readyForQuery(let status): judge?.ready(status, isResting: rest.owesNothing)
        case .longResponse(.errorResponse): judge?.failedAtLength()
        case .errorResponse(let error):
            guard let refusal = judge?.failed(error, bytes) else { return }
            verdict = .replace(
                Replacement(refusal.errorResponse, reason: "what \(refusal.rule) says, in place of the poison's error"))
        default: break
        }
    }

    mutating func settle(_ question: Question, _ answer: Answer) -> Verdict {
        judge?.settle(question, answer) ?? .end(farewell: [], reason: "a question was settled that nobody had asked")
    }

    func notice(of question: Question, number: UInt64) -> [UInt8] {
        PostgresEncoding.noticeResponse(
            PostgresEncoding.Diagnostic(
                severity: "NOTICE", code: "00000",
                message: "rule \"\(question.rule)\" asks before this statement runs; it waits for question \(number)",
                detail: question.title, hint: "Somebody else has to answer: wiretrail answer \(number) allow"))
    }
}
