import Adapters
import Protocols

/// What recovery finds in a recording that was not closed.
public enum RecordingResumption {
    /// It was sealed after all: nothing is to be done.
    case sealed(EndFrame)
    /// It goes on after its last valid segment; `cut` bytes behind that were cut off, for the given reason.
    case open(RecordingWriter, cut: UInt64, FormatFault?)
}

extension RecordingWriter {
    /// Takes up a recording whose gateway was interrupted. May itself be interrupted and repeated: it only ever removes
    /// what follows the last valid segment.
    ///
    /// - Throws: `.refused` when a gateway still writes the file.
    public static func resume(_ path: String) throws(StoreFault) -> RecordingResumption {
        let file = try StoreFile(path, .readWrite)
        guard try file.lock() else { throw .refused(path: path, reason: "another process is writing it") }
        let size = try file.size()
        let recording = try recordingID(file)
        var state = ResumedState(recording)
        let fault = try state.scan(file)
        if fault == nil, let end = try? state.sealed(file, size) { return .sealed(end) }
        if let fault, fault.code == .newerVersion { throw .format(path: path, fault) }
        let cut = size - state.end
        return .open(try RecordingWriter(resuming: file, recording, state), cut: cut, fault)
    }

    /// Whether the file ends with an END frame. That it fits what stands before is not looked at.
    static func endsSealed(_ path: String) throws(StoreFault) -> Bool {
        let file = try StoreFile(path, .read)
        let size = try file.size()
        guard size >= UInt64(EndFrame.byteCount) else { return false }
        var bytes: [UInt8] = []
        try file.read(EndFrame.byteCount, at: size - UInt64(EndFrame.byteCount), into: &bytes)
        return (try? FrameHead.parse(bytes.span))?.kind == .end
    }

    private static func recordingID(_ file: borrowing StoreFile) throws(StoreFault) -> RecordingID {
        if let named = RecordingsFolder.recordingID(ofFile: file.path) { return named }
        var bytes: [UInt8] = []
        try file.read(FrameHead.byteCount, at: 0, into: &bytes)
        do throws(FormatFault) { return try FrameHead.parse(bytes.span).recording } catch {
            throw .format(path: file.path, error)
        }
    }
}

/// All that a writer must know to go on with a file.
struct ResumedState {
    private(set) var tree = RecordingTree()
    private(set) var index = RecordingIndex()
    private(set) var totals = RecordingTotals()
    /// The end of the last valid segment.
    private(set) var end: UInt64 = 0
    private let recording: RecordingID

    init(_ recording: RecordingID) { self.recording = recording }

    /// Takes in every valid segment; says why it stopped, if not at the end of the segments.
    mutating func scan(_ file: borrowing StoreFile) throws(StoreFault) -> FormatFault? {
        var scan = FrameScan(recording)
        var decoder = RecordingSegmentDecoder()
        var raw: [UInt8] = []
        while true {
            do throws(StoreFault) {
                switch try scan.next(file) {
                case .segment(let header):
                    let plan = try check(header, scan.bytes.span, &decoder, &raw, file.path)
                    take(header, plan, MerkleTree<SHA256>.leaf(scan.bytes.span))
                case .unknown: return FormatFault(.newerVersion, "a frame of a later version")
                case .tail, .nothing: return nil
                }
            } catch {
                guard case .format(_, let fault) = error else { throw error }
                return fault
            }
        }
    }

    /// Decompresses the segment: what cannot be read again is not kept.
    private func check(
        _ header: SegmentHeader, _ bytes: Span<UInt8>, _ decoder: inout RecordingSegmentDecoder, _ raw: inout [UInt8],
        _ path: String
    ) throws(StoreFault) -> SegmentPlan {
        var planner = SegmentPlanner(
            recording, number: tree.count, nextSequence: totals.lastSequence + 1, offsets: totals.offsets)
        do throws(FormatFault) {
            try decoder.decode(bytes.extracting(SegmentHeader.byteCount...), header, into: &raw)
            return try planner.plan(raw.span)
        } catch { throw .format(path: path, error.rebased(by: end)) }
    }

    private mutating func take(_ header: SegmentHeader, _ plan: SegmentPlan, _ leaf: TreeHash) {
        tree.append(leaf)
        index.append(header, at: end, leaf: leaf)
        totals.add(header, offsetsAfter: plan.offsetsAfter)
        end += UInt64(header.segmentByteCount)
    }

    /// The END, if one is there that fits the segments.
    func sealed(_ file: borrowing StoreFile, _ size: UInt64) throws(StoreFault) -> EndFrame? {
        guard let tail = try RecordingTail.read(file, fileSize: size), tail.end.root == tree.root,
            tail.end.leaves == tree.count, tail.end.indexOffset == end, tail.end.recording == recording
        else { return nil }
        return tail.end
    }
}
