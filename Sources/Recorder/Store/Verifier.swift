import Adapters
import Protocols

/// Says whether recordings are as the gateway wrote them. Trusts only the keys that it is given.
///
/// Takes one pass over the stored bytes; of a sealed recording it decompresses the first segment only.
public struct Verifier: Sendable {
    public let trust: TrustStore

    public init(trust: TrustStore) { self.trust = trust }

    /// Verifies one file. What cannot be read is reported, never thrown.
    public func verify(recording path: String) -> RecordingReport {
        judge(path) { (file, tail) throws(StoreFault) in
            let entries = tail.index.entries
            return [try Self.pass(file, SegmentPass(tail.index, entries: 0..<entries.count))]
        }
    }

    /// Opens the file, lets `passes` go over a sealed recording's segments, and draws the conclusion.
    func judge(
        _ path: String,
        _ passes: (borrowing StoreFile, RecordingTail) throws(StoreFault) -> [SegmentPass]
    ) -> RecordingReport {
        var report = RecordingReport(path: path, result: .altered(Finding(fileOffset: 0, reason: "not read")))
        do throws(StoreFault) {
            let file = try StoreFile(path, .read)
            let size = try file.size()
            report.storedByteCount = size
            do throws(StoreFault) {
                if let tail = try RecordingTail.read(file, fileSize: size) {
                    report.result = sealed(try passes(file, tail), tail, size, &report)
                } else {
                    report.result = try unsealed(file, size, &report)
                }
            } catch {
                guard case .format = error else { throw error }
                report.result = try damagedTail(file, Finding(error), size, &report)
            }
        } catch {
            switch error {
            case .format: report.result = .altered(Finding(error))
            case .system, .refused: report.result = .unreadable(error)
            }
        }
        report.compareName()
        return report
    }

    static func pass(_ file: borrowing StoreFile, _ pass: SegmentPass) throws(StoreFault) -> SegmentPass {
        var pass = pass
        try pass.run(file)
        return pass
    }
}

// MARK: - A sealed recording

extension Verifier {
    private func sealed(
        _ passes: [SegmentPass], _ tail: RecordingTail, _ size: UInt64, _ report: inout RecordingReport
    ) -> VerificationResult {
        report.end = tail.end
        report.recording = tail.end.recording
        report.start = passes.first?.start
        report.startWallNanoseconds = passes.first?.startWallNanoseconds ?? 0
        var groups: [TreeHash] = []
        for pass in passes {
            groups += pass.groups
            guard case .fault(let fault) = pass.stop else { continue }
            return .altered(differingGroup(groups, tail, among: groups.count) ?? Finding(fault, in: pass))
        }
        if let finding = differingGroup(groups, tail, among: tail.index.entries.count) { return .altered(finding) }
        let endOffset = size - UInt64(EndFrame.byteCount)
        if let reason = contradiction(passes, tail, report) {
            return .altered(Finding(fileOffset: endOffset, reason: reason))
        }
        let signer = KeyID(bytes: tail.end.signerID)
        guard let trusted = trust.key(signer) else { return .unknownSigner(signer) }
        guard EndFrame.isSigned(tail.endBytes.span, by: trusted.key) else {
            return .altered(Finding(fileOffset: endOffset + 256, reason: "the END's signature does not hold"))
        }
        return .holds(signer: trusted.name)
    }

    /// The first group, among the first ones, whose segments do not fit the index.
    private func differingGroup(_ groups: [TreeHash], _ tail: RecordingTail, among count: Int) -> Finding? {
        let entries = tail.index.entries
        for (place, entry) in entries.prefix(count).enumerated()
        where place >= groups.count || groups[place] != entry.hash {
            let next = place + 1 < entries.count ? entries[place + 1] : nil
            let segments = entry.number...max(entry.number, (next?.number ?? tail.end.leaves) &- 1)
            let records =
                entry.firstSequence...max(entry.firstSequence, (next?.firstSequence ?? tail.end.records + 1) &- 1)
            return Finding(
                fileOffset: entry.fileOffset, segments: segments, records: records,
                reason: "segments are not those that the INDEX was made of")
        }
        return nil
    }

    /// What END says against what the passes found.
    private func contradiction(
        _ passes: [SegmentPass], _ tail: RecordingTail, _ report: RecordingReport
    ) -> String? {
        let end = tail.end
        var tree = RecordingTree()
        for group in passes.flatMap(\.groups) { tree.append(group) }
        guard let last = passes.last, last.stop == .tail, last.offset == end.indexOffset, last.number == end.leaves
        else {
            return "the segments do not end where the END says"
        }
        if tree.root != end.root { return "the segments are not those that the END was made of" }
        if passes.reduce(0, { $0 + $1.totals.records }) != end.records
            || passes.reduce(0, { $0 + $1.totals.rawCount }) != end.rawCount
            || passes.first?.totals.firstWallNanoseconds != end.firstWallNanoseconds
            || last.totals.lastWallNanoseconds != end.lastWallNanoseconds
        {
            return "the END counts other records than there are"
        }
        if let start = report.start, start.sessionNumber != end.sessionNumber {
            return "START and END name different session numbers"
        }
        return report.start == nil && end.leaves > 0 ? "the first record is no START" : nil
    }
}

// MARK: - A recording without END

extension Verifier {
    private func unsealed(
        _ file: borrowing StoreFile, _ size: UInt64, _ report: inout RecordingReport
    ) throws(StoreFault) -> VerificationResult {
        let isLive = file.isLocked()
        guard let recording = try recording(file) else {
            return .incomplete(
                Finding(fileOffset: size, reason: "the file ends before its first segment"), isLive: isLive)
        }
        report.recording = recording
        let pass = try Self.pass(file, SegmentPass(unsealed: recording))
        report.start = pass.start
        report.startWallNanoseconds = pass.startWallNanoseconds
        switch pass.stop {
        case .fault(let fault):
            let finding = Finding(fault, in: pass)
            return fault.code == .truncated ? .incomplete(finding, isLive: isLive) : .altered(finding)
        case .endOfFile, .limit:
            return .incomplete(Finding(fileOffset: size, reason: "there is no END"), isLive: isLive)
        case .tail:
            return try brokenTail(file, size, from: pass.offset, isLive: isLive)
        }
    }

    /// END or INDEX is damaged, or not for these segments. Where the segments are to blame, they come first.
    private func damagedTail(
        _ file: borrowing StoreFile, _ finding: Finding, _ size: UInt64, _ report: inout RecordingReport
    ) throws(StoreFault) -> VerificationResult {
        let seal = try? RecordingTail.readEnd(file, fileSize: size)
        let first = try? recording(file)
        guard let recording = seal?.end.recording ?? first else { return .altered(finding) }
        report.recording = recording
        let pass = try Self.pass(file, SegmentPass(unsealed: recording))
        report.start = pass.start
        report.startWallNanoseconds = pass.startWallNanoseconds
        if case .fault(let fault) = pass.stop, fault.offset < finding.fileOffset {
            return .altered(Finding(fault, in: pass))
        }
        guard let seal, pass.stop == .tail, pass.offset != seal.end.indexOffset else { return .altered(finding) }
        // The INDEX of the original still tells which segments are not its own.
        guard let index = try? RecordingTail.readIndex(file, seal.end, at: pass.offset, fileSize: size) else {
            let place = min(pass.offset, seal.end.indexOffset)
            return .altered(Finding(fileOffset: place, reason: "the segments do not end where the END says"))
        }
        let tail = RecordingTail(end: seal.end, endBytes: seal.bytes, index: index)
        let whole = try Self.pass(file, SegmentPass(index, entries: 0..<index.entries.count))
        return sealed([whole], tail, size, &report)
    }

    /// INDEX or END follows the segments, but the file does not end with an END.
    private func brokenTail(
        _ file: borrowing StoreFile, _ size: UInt64, from offset: UInt64, isLive: Bool
    ) throws(StoreFault) -> VerificationResult {
        var bytes: [UInt8] = []
        try file.read(IndexFrame.byteCountMaximum, at: offset, into: &bytes)
        guard let head = try? FrameHead.parse(bytes.span), head.kind == .index else {
            return .altered(Finding(fileOffset: offset, reason: "no INDEX stands between the segments and the END"))
        }
        let endOffset = offset + UInt64(head.frameByteCount)
        if size < endOffset {
            return .incomplete(Finding(fileOffset: size, reason: "the file ends inside the INDEX"), isLive: isLive)
        }
        do throws(FormatFault) {
            let frame = bytes.span.extracting(0..<min(head.frameByteCount, bytes.count))
            _ = try IndexFrame(frame, checksum: CRC32C.self)
        } catch { return .altered(Finding(fileOffset: offset + error.offset, reason: error.reason.description)) }
        return try brokenEnd(file, size, from: endOffset, isLive: isLive)
    }

    /// The INDEX is whole, and no END follows it.
    private func brokenEnd(
        _ file: borrowing StoreFile, _ size: UInt64, from offset: UInt64, isLive: Bool
    ) throws(StoreFault) -> VerificationResult {
        var bytes: [UInt8] = []
        try file.read(EndFrame.byteCount, at: offset, into: &bytes)
        let head = try? FrameHead.parse(bytes.span)
        guard bytes.count < FrameHead.byteCount || head?.kind == .end else {
            return .altered(Finding(fileOffset: offset, reason: "no END follows the INDEX"))
        }
        guard bytes.count < EndFrame.byteCount else {
            let end = offset + UInt64(EndFrame.byteCount)
            return .altered(Finding(fileOffset: end, reason: "something follows the END"))
        }
        return .incomplete(Finding(fileOffset: size, reason: "the file ends before its END is whole"), isLive: isLive)
    }

    /// The name in the first frame; `nil` when the file is too short to have one.
    private func recording(_ file: borrowing StoreFile) throws(StoreFault) -> RecordingID? {
        var bytes: [UInt8] = []
        try file.read(FrameHead.byteCount, at: 0, into: &bytes)
        if bytes.count < FrameHead.byteCount { return nil }
        do throws(FormatFault) { return try FrameHead.parse(bytes.span).recording } catch {
            throw .format(path: file.path, error)
        }
    }
}

extension RecordingReport {
    /// Two whole recordings may have changed places.
    fileprivate mutating func compareName() {
        if case .altered = result { return }
        guard let recording, let named = RecordingsFolder.recordingID(ofFile: path), named != recording else { return }
        result = .altered(Finding(fileOffset: 16, reason: "the file has the name of another recording"))
    }
}

extension Finding {
    init(_ fault: FormatFault, in pass: SegmentPass) {
        let next = pass.totals.lastSequence + 1
        self.init(
            fileOffset: fault.offset, segments: pass.number...pass.number, records: next...next,
            reason: fault.reason.description)
    }

    init(_ fault: StoreFault) {
        switch fault {
        case .format(_, let fault): self.init(fileOffset: fault.offset, reason: fault.reason.description)
        case .system, .refused: self.init(fileOffset: 0, reason: fault.description)
        }
    }
}
