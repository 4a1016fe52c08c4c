import Protocols

// Where the rules come in: the requests that they are held against, and the answers that tell what became of them.

extension PostgresInterceptor {
    /// - Parameter verdict: what becomes of the message if no rule objects.
    mutating func judge(_ message: PostgresMessage, _ bytes: Span<UInt8>, _ verdict: Verdict) -> Verdict {
        func name(_ range: Range<Int>) -> [UInt8] { [UInt8](copying: bytes.extracting(range)) }
        switch message {
        case .query(let sql):
            return judge?.query(bytes.extracting(sql), verdict) ?? verdict
        case .parse(let parse):
            return judge?.parse(name(parse.statement), bytes.extracting(parse.sql), verdict) ?? verdict
        case .bind(let bind): judge?.bind(portal: name(bind.portal), statement: name(bind.statement))
        case .execute(let execute): return judge?.execute(name(execute.portal)) ?? verdict
        case .describe: judge?.sent(.describe)
        case .close(let target):
            judge?.sent(target.kind == .statement ? .closeStatement : .closePortal, name(target.name))
        case .sync: judge?.sent(.sync)
        case .copyDone, .copyFail: judge?.sent(.copyEnd)
        case .functionCall, .longRequest(.functionCall):
            return judge?.unseen(.query, .functionByNumber, instead: PostgresRefusal.Poison.query) ?? verdict
        case .longRequest(.query):
            return judge?.unseen(.query, .tooLong, instead: PostgresRefusal.Poison.query) ?? verdict
        case .longRequest(.parse):
            return judge?.unseen(.parse, .tooLong, instead: PostgresRefusal.Poison.parse([])) ?? verdict
        case .longRequest(.bind): judge?.longBind()
        default: break
        }
        return verdict
    }

    mutating func judge(answer message: PostgresMessage, _ bytes: Span<UInt8>, _ verdict: Verdict) -> Verdict {
        switch message {
        case .parseComplete: judge?.completed(.parse)
        case .bindComplete: judge?.completed(.bind)
        case .closeComplete: judge?.completed(.closeStatement, .closePortal)
        case .noData, .rowDescription, .longResponse(.rowDescription): judge?.completed(.describe)
        case .commandComplete, .emptyQueryResponse, .portalSuspended: judge?.completed(.execute)
        case .copyInResponse, .copyBothResponse: judge?.copyBegan()
        case .readyForQuery(let status): judge?.ready(status, isResting: rest.owesNothing)
        case .longResponse(.errorResponse): judge?.failedAtLength()
        case .errorResponse(let error):
            guard let refusal = judge?.failed(error, bytes) else { return verdict }
            return .replace(
                Replacement(refusal.errorResponse, reason: "what \(refusal.rule) says, in place of the poison's error"))
        default: break
        }
        return verdict
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
