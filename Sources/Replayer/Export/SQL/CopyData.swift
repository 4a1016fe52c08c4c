import Protocols
import Recorder

/// The data of one COPY FROM STDIN, read from the recorded bytes: the CopyData messages behind the request (manual §55.7).
struct CopyData: Sendable {
    let path: String
    /// In the client's stream, behind the request.
    let offset: UInt64

    enum Ending: Sendable, Equatable {
        /// CopyDone.
        case done
        /// CopyFail, another message or nothing follows, or bytes are missing.
        case broken
    }

    /// `write` gets pieces of the data; it returns false to stop.
    func forEach(_ write: (Span<UInt8>) -> Bool) throws(StoreFault) -> Ending {
        var frames = CopyFrames()
        var isWhole = true
        let stream = RawStream(path, direction: .clientToServer, range: offset..<UInt64.max)
        try stream.run(
            write: { bytes in isWhole && frames.feed(bytes, write) },
            hole: { hole in
                // Only the client's bytes count; a hole of unknown direction may be there.
                if hole.direction != .serverToClient { isWhole = false }
            })
        return isWhole && frames.isDone ? .done : .broken
    }
}

/// Takes CopyData messages out of a stream.
private struct CopyFrames {
    private(set) var isDone = false
    /// The tag and length of the message under way.
    private var head: [UInt8] = []
    private var left = 0

    /// False when the data is over, or `write` wants no more.
    mutating func feed(_ bytes: Span<UInt8>, _ write: (Span<UInt8>) -> Bool) -> Bool {
        var index = 0
        while index < bytes.count {
            if head.count < 5 {
                head.append(bytes[index])
                index += 1
                guard head.count == 5 else { continue }
                guard begin() else { return false }
            }
            let end = index + min(left, bytes.count - index)
            if head[0] == UInt8(ascii: "d"), end > index, !write(bytes.extracting(index..<end)) { return false }
            left -= end - index
            index = end
            if left == 0 { head = [] } else { break }
        }
        return true
    }

    /// Flush and Sync mean nothing during COPY (manual §55.2.6); all but CopyData ends it.
    private mutating func begin() -> Bool {
        let length = head[1...].reduce(0) { $0 << 8 | Int($1) }
        left = length - 4
        isDone = head[0] == UInt8(ascii: "c")
        return length >= 4 && [UInt8(ascii: "d"), UInt8(ascii: "H"), UInt8(ascii: "S")].contains(head[0])
    }
}

/// Whether data may stand between `COPY … FROM STDIN` and the line `\.` of a script.
struct CopyLines: Sendable {
    /// psql sends the line `\.` as data, too; it is the last one.
    private(set) var hasEnd = false
    private(set) var isSafe = true
    private var line: [UInt8] = []
    private var endsLine = true

    mutating func feed(_ bytes: Span<UInt8>) {
        for index in bytes.indices {
            let byte = bytes[index]
            // psql would take what follows the end for commands.
            if hasEnd { isSafe = false }
            endsLine = byte == UInt8(ascii: "\n")
            if endsLine {
                hasEnd = line == Array("\\.".utf8) || line == Array("\\.\r".utf8)
                line.removeAll(keepingCapacity: true)
            } else {
                // What acts on a terminal has no place in a script, either.
                if byte == 0x7f || byte < 0x20 && byte != UInt8(ascii: "\t") && byte != UInt8(ascii: "\r") {
                    isSafe = false
                }
                if line.count < 4 { line.append(byte) }
            }
        }
    }

    /// Without a last line end, `\.` would be part of the data.
    var fits: Bool { isSafe && endsLine }
}
