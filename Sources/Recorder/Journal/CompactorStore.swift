import Adapters
import Protocols

/// Where a compactor puts what it has cut: the `.wtr` files of its lane. Confined to the compactor's thread.
final class CompactorStore {
    /// So many files are kept open until they are durable; more of them go by one sync of the file system.
    private static let filesMaximum = 64

    private let recorder: Recorder
    private var encoder = RecordingSegmentEncoder()
    /// Files with bytes that may not be durable, by recording.
    private var unsynced: [RecordingID: RecordingWriter] = [:]
    /// Whether there were more of them than are kept.
    private var isFileSystemDirty = false
    /// Sealed, and not yet known to be durable.
    private var sealed: [SessionBook.Sealed] = []

    init(of recorder: Recorder) { self.recorder = recorder }

    /// Whether the ledger is to hear of something once ``sync()`` has made it durable.
    var hasSealed: Bool { !sealed.isEmpty }

    /// Appends raw records as one segment; the file is made with the first one.
    func append(_ raw: Span<UInt8>, to recording: OpenRecording) throws(StoreFault) {
        var planner = recording.planner
        let plan: SegmentPlan
        do throws(FormatFault) { plan = try planner.plan(raw) } catch {
            throw .format(path: recording.file?.path ?? recorder.folder.path, error)
        }
        let segment = encoder.encode(raw, plan)
        let file: RecordingWriter
        if let open = recording.file {
            file = open
        } else {
            file = try create(recording, raw, expecting: segment.bytes.count)
            recording.file = file
        }
        try file.append(segment)
        recording.planner = planner
        changed(file)
    }

    /// Signs and closes a recording whose records are all in its file.
    func seal(_ recording: OpenRecording, _ cause: EndFrame.Cause) throws(StoreFault) {
        guard let file = recording.file else { return }
        let end = try file.seal(cause, sessionNumber: recording.entry?.sessionNumber ?? 0, key: recorder.key)
        recording.entry?.seal(end)
        sealed.append(SessionBook.Sealed(end: end, entry: recording.entry))
        changed(file)
    }

    /// Makes durable what was appended. Gives the ticket by which the ledger will know all that was sealed.
    func sync() throws(StoreFault) -> SessionBook.Ticket {
        let files = exchange(&unsynced, with: [:]).values
        if exchange(&isFileSystemDirty, with: false) {
            try StoreFile.syncFileSystem(of: recorder.folder.path)
        } else {
            try recorder.folder.sync(files)
        }
        return recorder.book.sealed(exchange(&sealed, with: []))
    }

    private func changed(_ file: RecordingWriter) {
        if unsynced.count < Self.filesMaximum {
            unsynced[file.recording] = file
        } else if unsynced[file.recording] == nil {
            isFileSystemDirty = true
        }
    }

    /// Makes the file of a recording whose first records, START before all, are in `raw`.
    private func create(
        _ recording: OpenRecording, _ raw: Span<UInt8>, expecting byteCount: Int
    ) throws(StoreFault) -> RecordingWriter {
        let began = Int64(clamping: recording.id.milliseconds) * 1_000_000
        let file = try RecordingWriter(create: recording.id, in: recorder.folder, at: began, expecting: byteCount)
        recording.entry = CatalogEntry(firstSegment: raw, of: recording.id, at: recorder.folder.relative(file.path))
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
