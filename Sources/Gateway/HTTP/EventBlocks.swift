import Protocols

/// Cuts an event stream behind each empty line (WHATWG HTML §9.2.5), so that what stands before it can be looked at while the
/// stream goes on. Bounded: of a block that is longer than the limit nothing is left.
struct EventBlocks: Sendable, Equatable {
    enum Found: Equatable {
        /// An event, or comments alone, with its empty line; or the LF of a CRLF whose CR went before.
        case block([UInt8])
        case tooLong
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private let limit: Int
    private var block: [UInt8] = []
    private var isTooLong = false
    private var lineIsEmpty = true
    /// The last line ended in CR: a LF that follows belongs to it.
    private var skipsLineFeed = false

    /// - Parameter limit: bytes of one block that are held.
    init(limit: Int) { self.limit = limit }

    /// Takes the next bytes of the content, and says which blocks they complete.
    mutating func take(_ bytes: Span<UInt8>) -> [Found] {
        var found: [Found] = []
        var (start, index) = (0, 0)
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if exchange(&skipsLineFeed, with: false), byte == Self.lineFeed {
                // Of the CRLF that ended the last block: whoever reads lines may wait for it.
                if index == 1, block.isEmpty, lineIsEmpty, !isTooLong {
                    found.append(.block([byte]))
                    start = 1
                }
                continue
            }
            guard byte == Self.lineFeed || byte == Self.carriageReturn else {
                lineIsEmpty = false
                continue
            }
            skipsLineFeed = byte == Self.carriageReturn
            guard exchange(&lineIsEmpty, with: true) else { continue }
            if skipsLineFeed, index < bytes.count, bytes[index] == Self.lineFeed {
                skipsLineFeed = false
                index += 1
            }
            keep(bytes.extracting(start..<index))
            start = index
            let whole = exchange(&block, with: [])
            found.append(exchange(&isTooLong, with: false) ? .tooLong : .block(whole))
        }
        keep(bytes.extracting(start...))
        return found
    }

    private mutating func keep(_ bytes: Span<UInt8>) {
        guard !isTooLong else { return }
        guard block.count + bytes.count <= limit else {
            isTooLong = true
            block = []
            return
        }
        block.append(bytes)
    }
}

/// An event stream that passes block by block, as rules let it.
struct EventStreamEdit: Sendable, Equatable {
    var blocks: EventBlocks
    /// The client gets the content in chunks; else until the connection ends.
    let isChunked: Bool

    /// What a client gets in the place of a block that may not pass: a comment, which says nothing.
    static let withheld = SSEEvent.encode(comment: "withheld")

    func framed(_ content: [UInt8]) -> [UInt8] {
        guard isChunked, !content.isEmpty else { return content }
        return HTTPChunkEncoder.chunk(content)
    }
}
