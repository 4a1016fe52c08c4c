import Protocols

// What a verdict means for the bytes of its message.

extension ProxyCore {
    mutating func carryOut(
        _ verdict: Verdict, _ judged: consuming Parked, _ reading: inout Reading, into actions: inout [ProxyAction]
    ) {
        let length = judged.length
        if !judged.isWhole { lanes[reading.lane].withholdsBody = !verdict.letsBodyPass }
        if policy.hasFacts {
            reading.flush(into: &actions)
            policy.takeFacts(into: &actions)
        }
        if case .forward = verdict {
            reading.head += length
            return
        }
        reading.flush(into: &actions)
        let sender = reading.direction.sender
        switch verdict {
        case .forward, .judgeAgain:
            break
        case .forwardRedacted(let secrets, let reason):
            let (range, moved) = reading.take(length, secrets)
            actions.append(.forwardRedacted(range, secrets: moved, reason: reason))
        case .replace(let new):
            let (range, moved) = reading.take(length, new.originalSecrets)
            actions.append(
                .replace(range, secrets: moved, by: new.bytes, secretsOfNew: new.secrets, reason: new.reason))
        case .refuse(let reply):
            let (range, moved) = reading.take(length, reply.originalSecrets)
            actions.append(.refused(range, secrets: moved, rule: reply.rule, instead: reply.instead))
            say(reply.bytes, to: sender, into: &actions)
        case .answer(let words, let secrets, let reason):
            let (range, moved) = reading.take(length, secrets)
            actions.append(.withhold(range, secrets: moved, reason: reason))
            say(words, to: sender, into: &actions)
        case .swallow(let secrets, let reason):
            let (range, moved) = reading.take(length, secrets)
            actions.append(.withhold(range, secrets: moved, reason: reason))
        case .ask, .identify, .gather, .reach:
            park(verdict, judged, &reading, into: &actions)
        case .end(let farewell, let secrets, let reason):
            let (range, moved) = reading.take(length, secrets)
            actions.append(.withhold(range, secrets: moved, reason: reason))
            say(farewell, to: .client, into: &actions)
            hasEnded = true
            actions.append(.end(reason))
        }
    }
}

extension Verdict {
    var letsBodyPass: Bool {
        switch self {
        case .forward, .forwardRedacted: true
        case .replace(let new): new.keepsBody
        case .refuse, .answer, .ask, .identify, .gather, .reach, .judgeAgain, .swallow, .end: false
        }
    }
}

extension Step {
    /// How many bytes it consumes; `nil` when it consumes none.
    var length: Int? {
        switch self {
        case .message(_, let length), .head(_, let length, _), .body(let length, _): length
        case .needMore, .awaitOther, .become, .opaque: nil
        }
    }
}
