/// How the server says that a statement is done: by a command tag, or that there was nothing to do.
struct PostgresCompletion: Sendable {
    /// "INSERT 0 3"; empty where nobody asks for it.
    let tag: String
    /// What the tag's last word counts.
    let count: Int64?
    /// BEGIN, COMMIT and their like end the implicit transaction of a batch (manual §55.2.2.1).
    let controlsTransaction: Bool

    static let empty = PostgresCompletion()

    private init() {
        tag = "(empty)"
        count = nil
        controlsTransaction = false
    }

    init(_ tag: Span<UInt8>, _ selection: EventSelection) {
        let isTold = selection.mayHaveField(PostgresFields.tag)
        self.tag = isTold ? DisplayText.decode(tag, limit: PostgresConversation.sqlShown) : ""
        count = Self.count(tag)
        controlsTransaction =
            switch tag.count {
            case 5: tag.isEqual("BEGIN")
            case 6: tag.isEqual("COMMIT")
            case 8: tag.isEqual("ROLLBACK")
            case 17: tag.isEqual("START TRANSACTION")
            case 19: tag.isEqual("PREPARE TRANSACTION")
            default: false
            }
    }

    private static func count(_ tag: Span<UInt8>) -> Int64? {
        var end = tag.count
        while end > 0, tag[end - 1] == UInt8(ascii: " ") { end -= 1 }
        var start = end
        while start > 0, tag[start - 1] != UInt8(ascii: " ") { start -= 1 }
        guard start < end else { return nil }
        var count: Int64 = 0
        for index in start..<end {
            let digit = tag[index] &- UInt8(ascii: "0")
            let (tens, isTooBig) = count.multipliedReportingOverflow(by: 10)
            let (sum, isBigger) = tens.addingReportingOverflow(Int64(digit))
            guard digit < 10, !isTooBig, !isBigger else { return nil }
            count = sum
        }
        return count
    }
}
