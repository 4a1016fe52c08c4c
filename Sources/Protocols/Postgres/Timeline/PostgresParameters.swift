/// The values of a Bind or a FunctionCall: their beginnings, decoded when the statement is told.
struct PostgresParameters: Sendable {
    /// More are only counted.
    static let shown = 1000

    /// So many are kept.
    private var count = 0
    /// As the message has them: format codes, how many there are, then each value's length and, other than there, no more than
    /// its beginning.
    private var bytes: [UInt8] = []
    /// Parameters that came after those kept.
    private(set) var leftOut = 0

    init() {}

    /// The values that begin within a message, behind their formats.
    init(_ formats: PostgresFormats, in message: Span<UInt8>) {
        let total = Int(message.uint16BE(at: formats.end) ?? 0)
        guard total > 0 else { return }
        var run = formats.offset
        var offset = formats.end + 2
        while count < min(total, Self.shown), let length = message.uint32BE(at: offset) {
            count += 1
            offset += 4
            guard length != .max else { continue }
            let end = min(message.count, offset + Int(length))
            let shown = min(end, offset + PostgresValueText.limit)
            if shown < end {
                bytes.append(message.extracting(run..<shown))
                run = end
            }
            offset = end
        }
        bytes.append(message.extracting(run..<offset))
        leftOut = total - count
    }

    /// The first types of a list.
    static func types(_ reader: PostgresObjectIDReader, in message: Span<UInt8>) -> [UInt32] {
        var reader = reader
        var types: [UInt32] = []
        while types.count < shown, let type = reader.next(in: message) { types.append(type) }
        return types
    }

    var isEmpty: Bool { count == 0 }

    /// Roughly, what they hold in memory.
    var cost: Int { bytes.count }

    /// The values as they are shown.
    func values(_ types: [UInt32]) -> [TimelineEvent.Value] {
        let bytes = bytes.span
        let formats = PostgresFormats(at: 0, in: bytes)
        var offset = formats.end + 2
        var values: [TimelineEvent.Value] = []
        values.reserveCapacity(count)
        while values.count < count, let length = bytes.uint32BE(at: offset) {
            offset += 4
            guard length != .max else {
                values.append(.null)
                continue
            }
            let index = values.count
            let end = min(bytes.count, offset + min(Int(length), PostgresValueText.limit))
            values.append(
                .text(
                    PostgresValueText.text(
                        bytes.extracting(offset..<end), total: Int(length),
                        type: index < types.count ? types[index] : 0, format: formats.format(index, in: bytes))))
            offset = end
        }
        return values
    }
}
