/// The values of a Bind or a FunctionCall: their beginnings, decoded when the statement is told.
struct PostgresParameters: Sendable {
    /// More are only counted.
    static let shown = 1000

    private struct Parameter: Sendable {
        /// Where its beginning lies; `nil` for NULL.
        var range: Range<Int>?
        var total: Int
        var format: PostgresFormat
    }

    private var parameters: [Parameter] = []
    private var bytes: [UInt8] = []
    /// Parameters that came after those kept.
    private(set) var leftOut = 0

    init() {}

    /// The values of a whole message.
    init(_ values: PostgresValueReader, _ formats: PostgresFormats, in message: Span<UInt8>) {
        var values = values
        parameters.reserveCapacity(min(values.remaining, Self.shown))
        while let value = try? values.next(in: message) {
            guard parameters.count < Self.shown else {
                leftOut += 1
                continue
            }
            keep(value.range, total: value.range?.count ?? 0, formats, of: message)
        }
    }

    /// The values that begin within `bytes`, of `count` in all.
    init(beginningOf count: Int, at start: Int, _ formats: PostgresFormats, in bytes: Span<UInt8>) {
        var offset = start
        while parameters.count < min(count, Self.shown), let length = bytes.uint32BE(at: offset) {
            offset += 4
            guard length != .max else {
                keep(nil, total: 0, formats, of: bytes)
                continue
            }
            let end = min(bytes.count, offset + Int(length))
            keep(offset..<end, total: Int(length), formats, of: bytes)
            offset = end
        }
        leftOut = count - parameters.count
    }

    private mutating func keep(_ range: Range<Int>?, total: Int, _ formats: PostgresFormats, of message: Span<UInt8>) {
        var kept: Range<Int>?
        if let range {
            let start = bytes.count
            bytes.append(
                message.extracting(range.lowerBound..<range.lowerBound + min(range.count, PostgresValueText.limit)))
            kept = start..<bytes.count
        }
        let format = formats.format(parameters.count, in: message)
        parameters.append(Parameter(range: kept, total: total, format: format))
    }

    /// The first types of a list.
    static func types(_ reader: PostgresObjectIDReader, in message: Span<UInt8>) -> [UInt32] {
        var reader = reader
        var types: [UInt32] = []
        while types.count < shown, let type = reader.next(in: message) { types.append(type) }
        return types
    }

    var isEmpty: Bool { parameters.isEmpty }

    /// Roughly, what they hold in memory.
    var cost: Int { 48 * parameters.count + bytes.count }

    /// The values as they are shown.
    func values(_ types: [UInt32]) -> [TimelineEvent.Value] {
        var values: [TimelineEvent.Value] = []
        values.reserveCapacity(parameters.count)
        for (index, parameter) in parameters.enumerated() {
            guard let range = parameter.range else {
                values.append(.null)
                continue
            }
            let type = index < types.count ? types[index] : 0
            values.append(
                .text(
                    PostgresValueText.text(
                        bytes.span.extracting(range), total: parameter.total, type: type, format: parameter.format)))
        }
        return values
    }
}
