import Adapters
import Glibc
import Protocols

/// Brings what an interrupted gateway left in its journal into the recordings, and seals them.
///
/// It only ever adds behind what is there, so it may be interrupted and repeated at any point: the journal is given up
/// last, when everything is durable.
final class JournalRecovery {
    private static let cutBytes = 128 << 10
    /// So many files are kept open until they are made durable together.
    private static let openMaximum = 256

    /// One recording's records in the journal, in order.
    private struct Found {
        var records: [(segment: JournalSegment, range: Range<Int>, sequence: UInt64)] = []
        var isFinished = false
    }

    private let folder: RecordingsFolder
    private let key: GatewayKey
    private var encoder = RecordingSegmentEncoder()
    private var found: [RecordingID: Found] = [:]
    private let ledger: Ledger
    private var recovered = 0
    /// What was completed, and is to be entered once it is durable.
    private var completed: [(link: SessionLink, file: RecordingWriter, end: EndFrame)] = []

    init(_ folder: RecordingsFolder, _ key: GatewayKey, _ ledger: Ledger) {
        self.folder = folder
        self.key = key
        self.ledger = ledger
    }

    /// Afterwards every recording in the folder is sealed and in the ledger, and the segments may be used again.
    /// Returns how many recordings were completed.
    func run(_ segments: [JournalSegment]) throws(StoreFault) -> Int {
        for segment in segments.sorted(by: { $0.epoch < $1.epoch }) where segment.epoch > 0 { walk(segment) }
        var paths: [RecordingID: String] = [:]
        for path in try RecordingsFolder.recordings(below: folder.path) {
            if let id = RecordingsFolder.recordingID(ofFile: path) { paths[id] = path }
        }
        for id in Set(paths.keys).union(found.keys).sorted() {
            try recover(id, paths[id], found[id] ?? Found())
        }
        try enterCompleted()
        try ledger.declareLost()
        try ledger.sync(at: WallClock.nanoseconds)
        for segment in segments {
            segment.begin(epoch: 0)
            try segment.sync()
        }
        return recovered
    }

    private func walk(_ segment: JournalSegment) {
        var offset = JournalSegment.headerBytes
        while let next = JournalEnvelope.read(segment.bytes, at: offset, epoch: segment.epoch) {
            offset = next.end
            switch next.kind {
            case .finish:
                found[next.recording, default: Found()].isFinished = true
            case .record:
                guard let sequence = segment.bytes.uint64LE(at: next.record.lowerBound + 12) else { return }
                found[next.recording, default: Found()].records.append((segment, next.record, sequence))
            }
        }
    }

    private func recover(_ id: RecordingID, _ path: String?, _ found: Found) throws(StoreFault) {
        if let path, let end = try RecordingReader(path).end {
            return try enter(end, path, isNew: !found.records.isEmpty)
        }
        guard let file = try open(id, path) else { return }
        try append(found.records.sorted { $0.sequence < $1.sequence }[...], to: file)
        guard file.lastSequence > 0 else {
            // Made, and never written to: it has no connection to tell of.
            unsafe _ = unlink(file.path)
            return
        }
        guard let link = try link(file.path, id) else { return }
        let end = try file.seal(found.isFinished ? .closed : .interrupted, sessionNumber: link.number, key: key)
        completed.append((link, file, end))
        if completed.count >= Self.openMaximum { try enterCompleted() }
    }

    private func enterCompleted() throws(StoreFault) {
        try folder.sync(completed.map(\.file))
        for one in exchange(&completed, with: []) {
            try ledger.open(one.link)
            try ledger.close(one.end)
            recovered += 1
        }
    }

    /// A recording that was sealed while the journal still held it may not have reached the ledger.
    private func enter(_ end: EndFrame, _ path: String, isNew: Bool) throws(StoreFault) {
        guard isNew, let link = try link(path, end.recording) else { return }
        try ledger.open(link)
        try ledger.close(end)
    }

    private func open(_ id: RecordingID, _ path: String?) throws(StoreFault) -> RecordingWriter? {
        guard let path else {
            return try RecordingWriter(create: id, in: folder, at: Int64(clamping: id.milliseconds) * 1_000_000)
        }
        guard case .open(let file, _, _) = try RecordingWriter.resume(path) else { return nil }
        return file
    }

    /// Adds the records that the file does not have yet. Where some are missing, a GAP says so in their place.
    private func append(
        _ records: ArraySlice<(segment: JournalSegment, range: Range<Int>, sequence: UInt64)>,
        to file: RecordingWriter
    ) throws(StoreFault) {
        var planner = file.resumed
        var raw: [UInt8] = []
        var expected = file.lastSequence + 1
        /// How many numbers later records have moved up, because a GAP took the place of several.
        var shift: UInt64 = 0
        for record in records where record.sequence - shift >= expected {
            let missing = record.sequence - shift - expected
            if missing > 0 {
                gap(missing, before: record, sequence: expected).write(into: &raw)
                expected += 1
                shift += missing - 1
            }
            let start = raw.count
            raw.append(record.segment.bytes.extracting(record.range))
            setSequence(expected, in: &raw, at: start)
            expected += 1
            if raw.count >= Self.cutBytes { try flush(&raw, &planner, file) }
        }
        if !raw.isEmpty { try flush(&raw, &planner, file) }
    }

    private func flush(
        _ raw: inout [UInt8], _ planner: inout SegmentPlanner, _ file: RecordingWriter
    ) throws(StoreFault) {
        let plan: SegmentPlan
        do throws(FormatFault) { plan = try planner.plan(raw.span) } catch { throw .format(path: file.path, error) }
        try file.append(encoder.encode(raw.span, plan))
        raw.removeAll(keepingCapacity: true)
    }

    private func gap(
        _ missing: UInt64, before record: (segment: JournalSegment, range: Range<Int>, sequence: UInt64),
        sequence: UInt64
    ) -> Record {
        let next = try? RecordHeader.parse(record.segment.bytes.extracting(record.range)).header
        let time = next?.time ?? Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0)
        let header = RecordHeader(
            .gap, sequence: sequence, gatewaySequence: next?.gatewaySequence ?? 0, time: time)
        let reason = "\(missing) records were not durable when the gateway's machine stopped"
        return Record(header, payload: GapFacts(length: nil, reason: reason).encoded())
    }

    private func setSequence(_ sequence: UInt64, in raw: inout [UInt8], at start: Int) {
        for index in 0..<8 { raw[start + 12 + index] = UInt8(truncatingIfNeeded: sequence >> (8 * UInt64(index))) }
    }

    private func link(_ path: String, _ id: RecordingID) throws(StoreFault) -> SessionLink? {
        let reader = try RecordingReader(path)
        return try reader.next() == nil ? nil : SessionLink(start: reader.raw.span, of: id)
    }
}
