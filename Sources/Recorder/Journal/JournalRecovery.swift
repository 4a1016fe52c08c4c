import Adapters
import Glibc
import Protocols

/// Brings what an interrupted gateway left in its journal into the recordings, and seals them.
///
/// It only ever adds behind what is there, so it may be interrupted and repeated at any point: the journal is given up
/// last, when everything is durable.
package final class JournalRecovery {
    private let folder: RecordingsFolder
    private let key: GatewayKey
    private let ledger: Ledger
    private let remains: JournalRemains
    private let segments: [JournalSegment]
    /// Recordings that are not sealed, or whose seal may not be durable.
    private var paths: [RecordingID: String] = [:]
    private var encoder = RecordingSegmentEncoder()

    package init(
        _ segments: [JournalSegment], _ folder: RecordingsFolder, _ key: GatewayKey, _ ledger: Ledger
    ) throws(StoreFault) {
        self.segments = segments
        self.folder = folder
        self.key = key
        self.ledger = ledger
        remains = try JournalRemains(segments)
    }

    /// Afterwards every recording in the folder is sealed and in the ledger, and the segments may be used again.
    /// Returns how many recordings were completed.
    package func run() throws(StoreFault) -> Int {
        guard segments.isEmpty || segments.contains(where: \.isInUse) else { return 0 }
        try findFiles()
        let recordings = Set(paths.keys).union(remains.rests.keys).sorted()
        for id in recordings {
            if let link = link(id) { try ledger.open(link) }
        }
        try ledger.declareLost()
        var completed = 0
        for id in recordings where try recover(id) { completed += 1 }
        try StoreFile.syncFileSystem(of: folder.path)
        try ledger.sync(at: WallClock.nanoseconds)
        for segment in segments where segment.isInUse {
            segment.retire()
            try segment.sync()
        }
        return completed
    }

    private func findFiles() throws(StoreFault) {
        for path in try RecordingsFolder.recordings(below: folder.path) {
            guard let id = RecordingsFolder.recordingID(ofFile: path) else { continue }
            // What the journal still holds was not durable yet: an END alone proves nothing.
            if remains.rests[id] != nil {
                paths[id] = path
            } else if try !RecordingWriter.endsSealed(path) {
                paths[id] = path
            }
        }
    }

    /// The recording's place in the ledger, from its START; `nil` when a power failure took that.
    private func link(_ id: RecordingID) -> SessionLink? {
        remains.rests[id].flatMap { remains.link($0, of: id) } ?? paths[id].flatMap { Self.link(file: $0, id) }
    }

    private static func link(file path: String, _ id: RecordingID) -> SessionLink? {
        guard let reader = try? RecordingReader(path), (try? reader.next()) != nil else { return nil }
        return SessionLink(start: reader.raw.span, of: id)
    }

    /// Completes one recording, if there is anything to complete.
    private func recover(_ id: RecordingID) throws(StoreFault) -> Bool {
        let rest = remains.rests[id] ?? JournalRemains.Rest()
        let file: RecordingWriter
        if let path = paths[id] {
            switch try RecordingWriter.resume(path) {
            case .sealed(let end):
                // Its line in the ledger may be missing. To say it twice does no harm.
                try ledger.close(end)
                return false
            case .open(let writer, _, _): file = writer
            }
        } else {
            guard !rest.records.isEmpty else { return false }
            file = try RecordingWriter(create: id, in: folder, at: Int64(clamping: id.milliseconds) * 1_000_000)
        }
        try append(rest, to: file)
        guard file.lastSequence > 0 else {
            // Made, and never written to: it has no connection to tell of.
            unsafe _ = unlink(file.path)
            return false
        }
        return try seal(file, rest)
    }

    /// A recording whose START was lost has no place among the others: it stays without END, and so incomplete.
    private func seal(_ file: RecordingWriter, _ rest: JournalRemains.Rest) throws(StoreFault) -> Bool {
        guard let link = Self.link(file: file.path, file.recording) else { return false }
        try ledger.close(file.seal(rest.isFinished ? .closed : .interrupted, sessionNumber: link.number, key: key))
        return true
    }

    /// Adds the records that the file does not have yet. In the place of each that is missing stands a GAP.
    private func append(_ rest: JournalRemains.Rest, to file: RecordingWriter) throws(StoreFault) {
        var planner = file.resumed
        var raw: [UInt8] = []
        var expected = file.lastSequence + 1
        for place in rest.records {
            let header = try remains.header(place)
            guard header.sequence >= expected else { continue }
            while expected < header.sequence {
                Self.gap(expected, before: header).write(into: &raw)
                expected += 1
                if raw.count >= Compactor.cutBytes { try flush(&raw, &planner, file) }
            }
            if !raw.isEmpty, raw.count + Int(place.count) > Compactor.cutBytes { try flush(&raw, &planner, file) }
            remains.append(place, to: &raw)
            expected += 1
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

    private static func gap(_ sequence: UInt64, before next: RecordHeader) -> Record {
        let header = RecordHeader(
            .gap, sequence: sequence, gatewaySequence: next.gatewaySequence, time: next.time)
        let facts = GapFacts(length: nil, reason: "a record that was not durable yet when the machine lost its power")
        return Record(header, payload: facts.encoded())
    }
}
