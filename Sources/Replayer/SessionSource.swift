import Protocols
import Recorder

/// The recordings of one session as one sequence of records, in the order in which the gateway made them.
///
/// A recording is open only from its first record to its last: a session may consist of thousands, few at a time.
struct SessionSource {
    /// A recording that is being read: its segment's records, and the next of them.
    private struct Cursor {
        let number: UInt32
        let file: RecordingReader
        var records: [Record] = []
        var next = 0

        var sequence: UInt64 { records[next].header.gatewaySequence }

        /// Reads on where a segment has been read to its end. False at the end of the recording.
        mutating func fill() throws(StoreFault) -> Bool {
            while next == records.count {
                records.removeAll(keepingCapacity: true)
                next = 0
                guard try file.next() != nil else { return false }
                let raw = file.raw
                do throws(FormatFault) {
                    try Record.forEach(in: raw.span) { (header, payload, _) throws(FormatFault) in
                        records.append(Record(header, payload: [UInt8](copying: payload)))
                        return true
                    }
                } catch { throw .format(path: file.path, error) }
            }
            return true
        }
    }

    private struct Waiting {
        var number: UInt32
        var path: String
        /// The gateway-wide sequence of its first record.
        var sequence: UInt64
    }

    /// What the recordings' beginnings tell, in the order in which they began; the first has the number 1.
    let headings: [TimelineHeading]
    /// Of the same recordings, in the same order.
    let paths: [String]
    /// The next to begin comes last.
    private var waiting: [Waiting]
    private var open: [Cursor] = []

    init(_ paths: [String], key: String, limits: WireLimits) throws(StoreFault) {
        var found: [(heading: TimelineHeading, path: String, sequence: UInt64)] = []
        for path in paths {
            let source = try TimelineSource(path, limits: limits)
            let sequence = try RecordingReader(path).firstGatewaySequence()
            found.append((try source.heading(), path, sequence))
        }
        found.sort { ($0.sequence, $0.path) < ($1.sequence, $1.path) }
        self.paths = found.map(\.path)
        headings = found.enumerated().map { index, item in
            var heading = item.heading
            heading.place = TimelineHeading.Place(session: key, number: UInt32(index + 1), count: found.count)
            return heading
        }
        waiting = found.enumerated().reversed().map { index, item in
            Waiting(number: UInt32(index + 1), path: item.path, sequence: item.sequence)
        }
    }

    /// Visits every record in order. `ended` is told of each recording that has ended, and why it cannot be read further where it is
    /// damaged. Both return false to stop.
    mutating func forEachRecord(
        _ visit: (RecordHeader, Span<UInt8>, _ connection: UInt32) -> Bool,
        ended: (_ connection: UInt32, FormatFault?) -> Bool
    ) throws(StoreFault) {
        while true {
            let oldest = open.indices.min { open[$0].sequence < open[$1].sequence }
            if let next = waiting.last, oldest.map({ next.sequence < open[$0].sequence }) ?? true {
                waiting.removeLast()
                var cursor = Cursor(number: next.number, file: try RecordingReader(next.path))
                if try cursor.fill() { open.append(cursor) }
                continue
            }
            guard let oldest else { return }
            let record = open[oldest].records[open[oldest].next]
            open[oldest].next += 1
            guard visit(record.header, record.payload.span, open[oldest].number) else { return }
            if try !open[oldest].fill() {
                let cursor = open.remove(at: oldest)
                guard ended(cursor.number, cursor.file.damage) else { return }
            }
        }
    }
}

extension RecordingReader {
    /// The gateway-wide sequence of the first record; 0 where there is none.
    fileprivate func firstGatewaySequence() throws(StoreFault) -> UInt64 {
        var first: UInt64 = 0
        try forEachRecord { header, _, _ in
            first = header.gatewaySequence
            return false
        }
        return first
    }
}
