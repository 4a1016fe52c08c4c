import Protocols

// A batch (JSON-RPC 2.0 §6; MCP 2025-03-26) falls apart into its calls, which servers may process in any order. Each is judged,
// and asked about, alone: those that rules refuse are taken out and answered here, the others go on.

/// A batch whose calls are being judged.
struct BatchJudgement: Sendable {
    fileprivate let calls: [RPCCall]
    fileprivate let content: [UInt8]
    /// For each call, what refuses it.
    fileprivate var refusals: [RequestRefusal?]
    /// Calls that a person has to decide about, with who asks; the first one is being asked.
    fileprivate var open: [(index: Int, rule: Rule, cause: Judgement.Cause)] = []
}

extension RequestJudge {
    mutating func judge(_ calls: [RPCCall], in content: [UInt8], _ rules: CallerRules) -> HTTPJudgement {
        var batch = BatchJudgement(calls: calls, content: content, refusals: calls.map { _ in nil })
        for (index, call) in calls.enumerated() {
            switch rules.judge(call, of: facts, at: book.now()) {
            case .allow: break
            case .deny(let rule, let cause): batch.refusals[index] = RequestRefusal(rule, cause)
            case .ask(let rule, let cause): batch.open.append((index, rule, cause))
            }
        }
        return goOn(with: batch)
    }

    mutating func settle(_ batch: BatchJudgement, _ refusal: RequestRefusal?) -> HTTPJudgement {
        var batch = batch
        batch.refusals[batch.open.removeFirst().index] = refusal
        return goOn(with: batch)
    }

    private mutating func goOn(with batch: BatchJudgement) -> HTTPJudgement {
        guard let next = batch.open.first else {
            self.batch = nil
            return outcome(of: batch)
        }
        self.batch = batch
        let waiting = batch.calls.indices.filter { batch.refusals[$0] == nil }.map { batch.calls[$0] }
        return .ask(question(next.rule, next.cause, about: batch.calls[next.index]), waiting)
    }

    private func outcome(of batch: BatchJudgement) -> HTTPJudgement {
        let refusals = batch.refusals.compactMap(\.self)
        guard !refusals.isEmpty else { return .allow }
        let rule = refusals.map(\.text).joined(separator: "; ")
        let content = Self.cut(batch)
        guard let content else {
            return deny(batch.calls, isBatch: true, batch.refusals, rule: rule)
        }
        let calls = zip(batch.calls, batch.refusals).compactMap { call, refusal in refusal == nil ? call : nil }
        let answers = zip(batch.calls, batch.refusals).compactMap { call, refusal in refusal?.message(to: call) }
        return .allowPart(HTTPPart(content: content, calls: calls, answers: answers, rule: rule))
    }

    /// The batch without the refused calls; all else stays as it came. `nil` where nothing is left.
    private static func cut(_ batch: BatchJudgement) -> [UInt8]? {
        let ranges = JSONRanges(text: batch.content)
        var refusals = batch.refusals[...]
        let kept = ranges.elements(of: ranges.root).filter { element in
            // Answers to the server's own requests are no calls.
            let isCall = (try? JSON.parse(batch.content.span.extracting(element), depth: 256))?["method"] != nil
            return !isCall || refusals.popFirst() == .some(nil)
        }
        guard !kept.isEmpty else { return nil }
        let texts = kept.map { Array(batch.content[$0]) }
        return [UInt8(ascii: "[")] + texts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }
}
