/// Reads an event stream as its bytes come (WHATWG HTML §9.2.5, §9.2.6): lines end in CR, LF or CRLF.
///
/// Never fails: the format has no errors. Holds at most one event, and of that at most the limit.
public struct SSEDecoder: Sendable, Equatable {
    private let limit: Int
    /// The line that has begun.
    private var line: [UInt8] = []
    private var lineIsCut = false
    /// The last line ended in CR: a LF that follows belongs to it.
    private var skipsLineFeed = false
    private var isFirstLine = true
    /// The event that has begun.
    private var data: [UInt8] = []
    private var hasData = false
    private var isCut = false
    private var type = ""
    /// Bytes read so far, and where the event began.
    private var position: UInt64 = 0
    private var start: UInt64 = 0
    /// The last id that the stream has given.
    public private(set) var lastEventID = ""

    /// - Parameter limit: bytes of data of one event that are held; what is longer is cut.
    public init(limit: Int = 1 << 20) { self.limit = limit }

    /// Whether nothing of an event has come since the last one: a place where lines of one's own may stand.
    public var isBetweenEvents: Bool {
        line.isEmpty && !lineIsCut && !hasData && type.isEmpty && !skipsLineFeed && start == position
    }

    /// Reads the next bytes of the content. What has not ended in an empty line by the stream's end is no event.
    public mutating func read(_ bytes: Span<UInt8>, emit: (SSEItem) -> Void) {
        var index = 0
        while index < bytes.count {
            if exchange(&skipsLineFeed, with: false), bytes[index] == .lineFeed {
                position += 1
                if start == position - 1 { start = position }
                index += 1
                continue
            }
            let end = lineEnd(bytes, from: index)
            keep(bytes.extracting(index..<end))
            position += UInt64(end - index)
            index = end
            guard index < bytes.count else { return }
            skipsLineFeed = bytes[index] == .carriageReturn
            position += 1
            index += 1
            endLine(emit)
        }
    }

    /// The next CR or LF, or where the bytes end.
    private func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != .lineFeed, bytes[index] != .carriageReturn { index += 1 }
        return index
    }

    private mutating func keep(_ piece: Span<UInt8>) {
        let room = limit + Self.nameBytes - line.count
        if piece.count > room { lineIsCut = true }
        line.append(piece.extracting(0..<min(room, piece.count)))
    }

    /// "data: " and the like, beside the value.
    private static var nameBytes: Int { 16 }

    private mutating func endLine(_ emit: (SSEItem) -> Void) {
        var text = exchange(&line, with: [])
        if exchange(&isFirstLine, with: false), text.starts(with: [0xef, 0xbb, 0xbf]) { text.removeFirst(3) }
        let wasCut = exchange(&lineIsCut, with: false)
        guard !text.isEmpty else { return dispatch(emit) }
        let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.count
        var value = text.dropFirst(colon + 1)
        if colon > 0, value.first == .space { value.removeFirst() }
        switch String(decoding: text[..<colon], as: UTF8.self) {
        case "":
            emit(.comment(DisplayText.decode(Array(value).span)))
            if !hasData, type.isEmpty { start = position }
        case "data":
            isCut = isCut || wasCut || data.count + value.count > limit
            if hasData, data.count < limit { data.append(.lineFeed) }
            data += value.prefix(max(0, limit - data.count))
            hasData = true
        case "event": type = String(decoding: value, as: UTF8.self)
        case "id" where !value.contains(0): lastEventID = String(decoding: value, as: UTF8.self)
        case "retry":
            let isNumber = !value.isEmpty && value.allSatisfy(\.isDigit)
            if isNumber, let time = UInt64(String(decoding: value, as: UTF8.self)) { emit(.retry(milliseconds: time)) }
        default: break
        }
    }

    /// §9.2.6: without a data field nothing is dispatched.
    private mutating func dispatch(_ emit: (SSEItem) -> Void) {
        let type = exchange(&type, with: "")
        let data = exchange(&data, with: [])
        let isCut = exchange(&isCut, with: false)
        let start = exchange(&start, with: position)
        guard exchange(&hasData, with: false) else { return }
        emit(
            .event(
                SSEEvent(
                    type: type.isEmpty ? "message" : type, data: data, lastEventID: lastEventID,
                    range: start..<position, isCut: isCut)))
    }
}
