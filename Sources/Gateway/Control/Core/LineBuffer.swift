import Protocols

/// Bytes that come in pieces, given back as lines.
struct LineBuffer: Sendable {
    private var bytes: [UInt8] = []
    /// What has been given back.
    private var head = 0
    /// Up to here there is no line's end.
    private var searched = 0
    private let limit: Int

    enum Line: Sendable, Equatable {
        /// Without its end.
        case whole([UInt8])
        /// Longer than the limit, whether it has come whole or not.
        case tooLong
    }

    /// - Parameter limit: of one line without its end; a count of bytes.
    init(limit: Int) { self.limit = limit }

    mutating func append(_ piece: Span<UInt8>) {
        bytes.removeFirst(head)
        searched -= head
        head = 0
        bytes.append(piece)
    }

    /// The next line; `nil` when more has to come first.
    mutating func next() -> Line? {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            return searched - head <= limit ? nil : .tooLong
        }
        guard end - head <= limit else { return .tooLong }
        defer {
            head = end + 1
            searched = head
        }
        return .whole(Array(bytes[head..<end]))
    }
}
