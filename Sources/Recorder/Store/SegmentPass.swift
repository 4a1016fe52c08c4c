import Adapters
import Protocols

/// One pass over consecutive segments: hashes every group, and compares it with what the index says.
///
/// A large sealed file is verified by several passes at once, each from one index entry to another.
struct SegmentPass: Sendable {
    /// What ended the pass.
    enum Stop: Sendable, Equatable {
        /// The first segment of the next pass.
        case limit
        /// The segments are over; INDEX or END comes next.
        case tail
        /// The file is over.
        case endOfFile
        case fault(FormatFault)
    }

    private(set) var stop = Stop.limit
    /// The tree hashes of all groups, or of the whole recording where there is no index; before a fault, of the full
    /// ones.
    private(set) var groups: [TreeHash] = []
    private(set) var start: StartFacts?
    private(set) var startWallNanoseconds: Int64 = 0
    private(set) var totals = RecordingTotals()

    private let entries: ArraySlice<IndexEntry>
    private let stride: UInt64
    private let limit: UInt64
    private var scan: FrameScan
    private var group = RecordingTree()
    private var inspector = SegmentInspector()

    var offset: UInt64 { scan.offset }
    var number: UInt64 { scan.number }

    /// Covers a recording that has no index, whole. Records are decompressed and looked at, too.
    init(unsealed recording: RecordingID) {
        (entries, stride, limit) = ([], .max, .max)
        scan = FrameScan(recording)
    }

    /// Covers the groups of some index entries.
    init(_ index: IndexFrame, entries range: Range<Int>) {
        entries = index.entries[range]
        stride = index.stride
        limit = range.upperBound < index.entries.count ? index.entries[range.upperBound].number : .max
        // The first pass takes nothing from the INDEX: a recording begins with record 1, whatever is said there.
        let begin = range.lowerBound == 0 ? nil : index.entries[range].first
        scan = begin.map { FrameScan(index.recording, from: $0) } ?? FrameScan(index.recording)
    }

    mutating func run(_ file: borrowing StoreFile) throws(StoreFault) {
        do throws(StoreFault) {
            stop = try walk(file)
        } catch {
            guard case .format(_, let fault) = error else { throw error }
            stop = .fault(fault)
        }
        if case .fault = stop { return }
        if group.count > 0 { groups.append(group.root) }
    }

    private mutating func walk(_ file: borrowing StoreFile) throws(StoreFault) -> Stop {
        while number < limit {
            let before = scan.offset
            switch try scan.next(file) {
            case .nothing: return .endOfFile
            case .tail: return .tail
            case .unknown: takeLeaf()
            case .segment(let header):
                if let entry = entry(of: header.number), !entry.describes(header, at: before) {
                    return .fault(FormatFault(.mismatch, "a segment is not what the INDEX says").rebased(by: before))
                }
                do throws(FormatFault) { try inspect(header) } catch { return .fault(error.rebased(by: before)) }
                totals.add(header, offsetsAfter: header.offsets)
                takeLeaf()
            }
        }
        return .limit
    }

    private mutating func takeLeaf() {
        group.append(MerkleTree<SHA256>.leaf(scan.bytes.span))
        guard group.count == stride else { return }
        groups.append(group.root)
        group = RecordingTree()
    }

    private func entry(of number: UInt64) -> IndexEntry? {
        guard let first = entries.first, number % stride == 0 else { return nil }
        let place = entries.startIndex + Int((number - first.number) / stride)
        return entries.indices.contains(place) ? entries[place] : nil
    }

    /// Decompresses the first segment, and every one where no END vouches for them.
    private mutating func inspect(_ header: SegmentHeader) throws(FormatFault) {
        guard header.number == 0 || entries.isEmpty else { return }
        let bytes = scan.bytes
        let first = try inspector.inspect(bytes.span.extracting(SegmentHeader.byteCount...), header, tree: group)
        if header.number == 0 {
            start = first
            startWallNanoseconds = header.firstTime.wallNanoseconds
        }
    }
}

/// Looks at the records of segments, for what the headers cannot tell.
struct SegmentInspector: Sendable {
    private var raw: [UInt8] = []

    /// Checks that the records are what the header says, and checkpoints what `tree` says.
    ///
    /// - Returns: the START record's facts when this is the first segment.
    mutating func inspect(
        _ body: Span<UInt8>, _ header: SegmentHeader, tree: RecordingTree
    ) throws(FormatFault) -> StartFacts? {
        do throws(FormatFault) {
            var decoder = RecordingSegmentDecoder()
            try decoder.decode(body, header, into: &raw)
            return try inspectRecords(header, tree)
        } catch {
            // Where in the records it is has no place in the file, as they are compressed; and what ends too early in a
            // segment that is whole was made so.
            throw FormatFault(
                error.code == .truncated ? .malformed : error.code, error.reason, at: SegmentHeader.byteCount)
        }
    }

    private func inspectRecords(
        _ header: SegmentHeader, _ tree: RecordingTree
    ) throws(FormatFault) -> StartFacts? {
        var planner = SegmentPlanner(
            header.recording, number: header.number, nextSequence: header.firstSequence, offsets: header.offsets)
        let plan = try planner.plan(raw.span)
        guard plan.firstTime == header.firstTime, plan.lastTime == header.lastTime,
            plan.recordCount == header.recordCount
        else { throw FormatFault(.mismatch, "a segment's header contradicts its records", at: 40) }
        var start: StartFacts?
        try Record.forEach(in: raw.span) { (record, payload, _) throws(FormatFault) in
            // A power failure may take START with it; then a GAP stands there, and the recording never gets an END.
            let mayBeStart = record.sequence == 1
            guard (record.type == .start) == mayBeStart || mayBeStart && record.type == .gap else {
                throw FormatFault(.malformed, "START is not the first record, or not the only one")
            }
            if record.type == .start { start = try StartFacts(payload) }
            if record.type == .checkpoint { try Self.compare(CheckpointFacts(payload), tree) }
            return true
        }
        return start
    }

    private static func compare(_ checkpoint: CheckpointFacts, _ tree: RecordingTree) throws(FormatFault) {
        guard checkpoint.leaves != tree.count || checkpoint.root == tree.root else {
            throw FormatFault(.mismatch, "the segments before a CHECKPOINT do not fit it")
        }
    }
}

extension IndexEntry {
    func describes(_ header: SegmentHeader, at offset: UInt64) -> Bool {
        self == IndexEntry(header, at: offset, hash: hash)
    }
}
