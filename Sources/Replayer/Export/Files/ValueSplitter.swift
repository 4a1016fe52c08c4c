import Protocols

/// Finds the long values in the body of a DataRow or a Bind (manual §55.7), however it is cut.
struct ValueSplitter: Sendable {
    enum Part {
        case begin(column: Int)
        case bytes(Range<Int>)
        case end
    }

    private enum State {
        /// So many zero-terminated strings are still to be passed over.
        case strings(Int)
        case formatCount
        case formats(Int)
        case count
        case length
        case value(left: Int, isWanted: Bool)
        case over
    }

    private let minimum: Int
    private var state: State
    private var columns = 0
    private var column = 0
    /// A number that is under way.
    private var number: UInt32 = 0
    private var digits = 0

    /// - Parameter minimum: values of fewer bytes are passed over.
    static func row(minimum: Int) -> ValueSplitter { ValueSplitter(minimum, .count) }
    static func bind(minimum: Int) -> ValueSplitter { ValueSplitter(minimum, .strings(2)) }

    /// A value that is wanted has begun, and not ended.
    var isWithinValue: Bool {
        if case .value(_, let isWanted) = state { isWanted } else { false }
    }

    private init(_ minimum: Int, _ state: State) {
        self.minimum = minimum
        self.state = state
    }

    mutating func feed(_ bytes: Span<UInt8>, _ visit: (Part) -> Void) {
        var index = 0
        while index < bytes.count {
            switch state {
            case .strings(let left):
                if bytes[index] == 0 { state = left > 1 ? .strings(left - 1) : .formatCount }
                index += 1
            case .formatCount:
                if let count = read(bytes[index], of: 2) { state = count > 0 ? .formats(2 * count) : .count }
                index += 1
            case .formats(let left):
                state = left > 1 ? .formats(left - 1) : .count
                index += 1
            case .count:
                if let count = read(bytes[index], of: 2) {
                    columns = count
                    state = count > 0 ? .length : .over
                }
                index += 1
            case .length:
                if let length = read(bytes[index], of: 4) { begin(length, visit) }
                index += 1
            case .value(let left, let isWanted):
                let end = index + min(left, bytes.count - index)
                if isWanted { visit(.bytes(index..<end)) }
                state = .value(left: left - (end - index), isWanted: isWanted)
                if left == end - index { next(isWanted, visit) }
                index = end
            case .over: return
            }
        }
    }

    private mutating func read(_ byte: UInt8, of width: Int) -> Int? {
        number = number << 8 | UInt32(byte)
        digits += 1
        guard digits == width else { return nil }
        defer { (number, digits) = (0, 0) }
        return Int(number)
    }

    /// All ones is NULL.
    private mutating func begin(_ length: Int, _ visit: (Part) -> Void) {
        let isWanted = length != Int(UInt32.max) && length >= minimum
        if isWanted { visit(.begin(column: column)) }
        guard length != Int(UInt32.max), length > 0 else { return next(isWanted, visit) }
        state = .value(left: length, isWanted: isWanted)
    }

    private mutating func next(_ wasWanted: Bool, _ visit: (Part) -> Void) {
        if wasWanted { visit(.end) }
        column += 1
        state = column < columns ? .length : .over
    }
}
