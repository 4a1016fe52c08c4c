import Adapters
import Glibc
import Protocols

/// What an interrupted gateway left in its journal, by recording.
struct JournalRemains {
    /// One recording's records in the journal.
    struct Rest {
        /// In order of their sequence: one lane wrote them, one after the other.
        fileprivate(set) var records: [Place] = []
        fileprivate(set) var isFinished = false
    }

    /// Where a record lies.
    struct Place {
        fileprivate let segment: UInt32
        fileprivate let start: UInt32
        let count: UInt32
    }

    private(set) var rests: [RecordingID: Rest] = [:]
    private let segments: [JournalSegment]

    /// Reads the segments that are in use, each up to the first envelope that is not whole or not of its epoch.
    init(_ segments: [JournalSegment]) throws(StoreFault) {
        self.segments = segments.filter(\.isInUse).sorted { $0.epoch < $1.epoch }
        for (number, segment) in self.segments.enumerated() {
            var offset = JournalSegment.headerBytes
            while let next = JournalEnvelope.read(segment.bytes, at: offset, epoch: segment.epoch) {
                offset = next.end
                take(next, UInt32(number))
            }
        }
    }

    private mutating func take(_ found: JournalEnvelope.Found, _ segment: UInt32) {
        switch found.kind {
        case .finish: rests[found.recording, default: Rest()].isFinished = true
        case .record:
            let place = Place(
                segment: segment, start: UInt32(found.record.lowerBound), count: UInt32(found.record.count))
            rests[found.recording, default: Rest()].records.append(place)
        }
    }

    /// Appends the record's bytes to `raw`.
    func append(_ place: Place, to raw: inout [UInt8]) {
        let segment = segments[Int(place.segment)]
        raw.append(segment.bytes.extracting(range(place)))
    }

    /// - Throws: `.refused` when it is no record, though its checksum holds: whoever wrote it was no gateway.
    func header(_ place: Place) throws(StoreFault) -> RecordHeader {
        let segment = segments[Int(place.segment)]
        guard let (header, count) = try? RecordHeader.parse(segment.bytes.extracting(range(place))),
            RecordHeader.byteCount + count == Int(place.count)
        else { throw .refused(path: segment.path, reason: "holds no record at byte \(place.start)") }
        return header
    }

    /// The place among all recordings of the gateway that the rest's START tells; `nil` when there is no START in it.
    func link(_ rest: Rest, of recording: RecordingID) -> SessionLink? {
        guard let first = rest.records.first else { return nil }
        let segment = segments[Int(first.segment)]
        return SessionLink(start: segment.bytes.extracting(range(first)), of: recording)
    }

    private func range(_ place: Place) -> Range<Int> { Int(place.start)..<Int(place.start) + Int(place.count) }
}
