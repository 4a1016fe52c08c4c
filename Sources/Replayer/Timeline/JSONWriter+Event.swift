import Protocols

// What every JSON form of an event has in common.

extension JSONWriter {
    mutating func range(_ from: UInt64, _ to: UInt64) {
        array {
            $0.unsigned(from)
            $0.unsigned(to)
        }
    }

    mutating func outcome(_ outcome: TimelineEvent.Outcome) {
        object { json in
            switch outcome {
            case .failed(let code, let message):
                json.member("code") { $0.string(code) }
                json.member("message") { $0.string(message) }
            case .refused(let rule): json.member("rule") { $0.string(rule) }
            case .succeeded, .cancelled, .unfinished, .none: break
            }
            json.member("status") { $0.string(outcome.status) }
        }
    }

    mutating func value(_ value: TimelineEvent.Value) {
        switch value {
        case .text(let text): string(text)
        case .integer(let number): integer(number)
        case .boolean(let flag): boolean(flag)
        case .byteCount(let count), .nanoseconds(let count): unsigned(count)
        case .list(let values): array { for value in values { $0.value(value) } }
        case .null: null()
        case .table(let columns, let rows, let total):
            object { json in
                json.member("columns") { $0.strings(columns) }
                json.member("rows") { $0.rows(rows) }
                json.member("total") { $0.unsigned(total) }
            }
        }
    }
}

extension TimelineEvent {
    /// From the first byte of the request to the last of the answer; `nil` for what takes no time.
    var durationNanoseconds: UInt64? {
        end.map { $0.monotonicNanoseconds - min(start.monotonicNanoseconds, $0.monotonicNanoseconds) }
    }
}

extension TimelineEvent.Outcome {
    var status: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .refused: "refused"
        case .cancelled: "cancelled"
        case .unfinished: "unfinished"
        case .none: "none"
        }
    }
}
