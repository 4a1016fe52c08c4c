import Adapters
import Protocols

/// Where a compactor puts what it has cut: the `.wtr` files of its lane. Confined to the compactor's thread.
final class CompactorStore {
    private let recorder: Recorder
    private var encoder = RecordingSegmentEncoder()
    /// Files with bytes that may not be durable, by recording.
    private var unsynced: [RecordingID: RecordingWriter] = [:]
    /// Recordings that are sealed and may not be durable: the ledger learns of them when they are.
    private var sealed: [(end: EndFrame, path: String)] = []

    init(of recorder: Recorder) { self.recorder = recorder }

    var unsyncedCount: Int { unsynced.count }
    var hasSealed: Bool { !sealed.isEmpty }

    /// Appends raw records as one segment; the file is made with the first one.
    func append(_ raw: Span<UInt8>, to recording: OpenRecording) throws(StoreFault) {
        let file: RecordingWriter
        if let open = recording.file { file = open } else { file = try create(recording, raw) }
        recording.file = file
        var planner = recording.planner
        let plan: SegmentPlan
        do throws(FormatFault) { plan = try planner.plan(raw) } catch {
            throw .format(path: file.path, error)
        }
        try file.append(encoder.encode(raw, plan))
        recording.planner = planner
        unsynced[recording.id] = file
    }

    /// Signs and closes a recording whose records are all in its file.
    func seal(_ recording: OpenRecording, _ cause: EndFrame.Cause) throws(StoreFault) {
        guard let file = recording.file else { return }
        let end = try file.seal(cause, sessionNumber: recording.sessionNumber, key: recorder.key)
        sealed.append((end, file.path))
        unsynced[recording.id] = file
    }

    /// Makes durable what was appended and sealed, and then the ledger's lines about it. A failure is final. The catalog
    /// comes last: it only repeats what files tell.
    func sync() throws(StoreFault) {
        try recorder.folder.sync(exchange(&unsynced, with: [:]).values)
        let done = exchange(&sealed, with: [])
        try recorder.book.sync(sealed: done.map(\.end))
        recorder.catalog.enter(done.map(\.path))
    }

    /// Makes the file of a recording whose first records, START before all, are in `raw`.
    private func create(_ recording: OpenRecording, _ raw: Span<UInt8>) throws(StoreFault) -> RecordingWriter {
        let began = Int64(clamping: recording.id.milliseconds) * 1_000_000
        let file = try RecordingWriter(create: recording.id, in: recorder.folder, at: began)
        if let link = SessionLink(start: raw, of: recording.id) { recording.sessionNumber = link.number }
        return file
    }
}

extension SessionLink {
    /// From a recording's first record; `nil` when that is no START.
    init?(start raw: Span<UInt8>, of recording: RecordingID) {
        guard let (header, count) = try? RecordHeader.parse(raw), header.type == .start,
            RecordHeader.byteCount + count <= raw.count,
            let facts = try? StartFacts(raw.extracting(RecordHeader.byteCount..<(RecordHeader.byteCount + count)))
        else { return nil }
        self.init(facts, recording: recording, wallNanoseconds: header.time.wallNanoseconds)
    }
}
