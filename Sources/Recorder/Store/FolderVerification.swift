import Adapters
import Protocols

extension Verifier {
    /// Verifies all recordings below a folder and the ledger that stands in it, on all cores.
    ///
    /// - Throws: when the folder cannot be listed.
    public func verify(folder path: String) async throws(StoreFault) -> FolderReport {
        let paths = try RecordingsFolder.recordings(below: path)
        var reports: [RecordingReport] = []
        // Batches keep as many files open as there are cores, and the order of names.
        for start in Swift.stride(from: 0, to: paths.count, by: Self.cores) {
            reports += await verify(recordings: paths[start..<min(paths.count, start + Self.cores)])
        }
        return conclude(path, reports)
    }

    /// Verifies one file, a large one on all cores.
    public func verify(largeRecording path: String) async -> RecordingReport {
        let ranges = Self.ranges(path)
        guard ranges.count > 1 else { return verify(recording: path) }
        let passes = await withTaskGroup(of: (Int, SegmentPass?).self) { group in
            for (place, range) in ranges.enumerated() {
                group.addTask { (place, try? Self.pass(path, entries: range)) }
            }
            var passes = [SegmentPass?](repeating: nil, count: ranges.count)
            for await (place, pass) in group { passes[place] = pass }
            return passes.compactMap { $0 }
        }
        guard passes.count == ranges.count else { return verify(recording: path) }
        return judge(path) { (_, _) throws(StoreFault) in passes }
    }

    private func verify(recordings paths: ArraySlice<String>) async -> [RecordingReport] {
        await withTaskGroup(of: (Int, RecordingReport).self) { group in
            for (place, path) in paths.enumerated() {
                group.addTask { (place, verify(recording: path)) }
            }
            var reports = [RecordingReport?](repeating: nil, count: paths.count)
            for await (place, report) in group { reports[place] = report }
            return reports.compactMap { $0 }
        }
    }

    private static var cores: Int { Processors.count }

    /// Cuts a sealed recording above 64 MiB into as many runs of index entries as there are cores.
    private static func ranges(_ path: String) -> [Range<Int>] {
        guard let file = try? StoreFile(path, .read), let size = try? file.size(), size > 64 << 20,
            let tail = try? RecordingTail.read(file, fileSize: size)
        else { return [] }
        let count = tail.index.entries.count
        return (0..<cores).map { count * $0 / cores..<count * ($0 + 1) / cores }.filter { !$0.isEmpty }
    }

    private static func pass(_ path: String, entries range: Range<Int>) throws(StoreFault) -> SegmentPass? {
        let file = try StoreFile(path, .read)
        guard let tail = try RecordingTail.read(file, fileSize: file.size()),
            range.upperBound <= tail.index.entries.count
        else { return nil }
        return try pass(file, SegmentPass(tail.index, entries: range))
    }
}

// MARK: - Recordings against the ledger

extension Verifier {
    private func conclude(_ path: String, _ reports: [RecordingReport]) -> FolderReport {
        var reports = reports
        Self.markDuplicates(&reports)
        guard let audit = try? LedgerAudit("\(path)/ledger.jsonl", trust: trust) else {
            let finding = Finding(
                fileOffset: 0, reason: "there is no ledger.jsonl, so a missing recording may go unseen")
            return FolderReport(
                recordings: reports, ledger: .incomplete(finding, isLive: false), missing: Self.gaps(reports))
        }
        for place in reports.indices {
            guard let start = reports[place].start, let recording = reports[place].recording else { continue }
            if audit.isBehind(start.sessionNumber) {
                let finding = Finding(fileOffset: 0, reason: "the ledger has yet to name this recording")
                if reports[place].result.holds { reports[place].result = .incomplete(finding, isLive: true) }
                continue
            }
            let link = SessionLink(start, recording: recording, wallNanoseconds: reports[place].startWallNanoseconds)
            if let reason = Self.contradiction(audit.sessions[start.sessionNumber], link, reports[place].end) {
                reports[place].result = .altered(Finding(fileOffset: 0, reason: reason))
            }
        }
        let present = Set(reports.compactMap(\.recording))
        let absent = audit.sessions.values.filter { !present.contains($0.link.recording) }
        // What has just begun lies in the gateway's journal, and has no file yet.
        let begun = absent.filter { audit.isLive && $0.root == nil }.map(\.link.number).sorted()
        let missing = absent.filter { !audit.isLive || $0.root != nil }.map(\.link.number).sorted()
        return FolderReport(
            recordings: reports, ledger: audit.result, missing: missing.map { $0...$0 }, begun: begun)
    }

    /// What the ledger says against what the recording says of itself.
    private static func contradiction(_ session: LedgerAudit.Session?, _ link: SessionLink, _ end: EndFrame?) -> String?
    {
        guard let session else { return "the ledger does not know session \(link.number)" }
        guard session.link == link else { return "the ledger knows session \(link.number) as another recording" }
        guard session.root == nil || end != nil else { return "the ledger says that this recording was sealed" }
        guard session.root == nil || session.root == end?.root else {
            return "the ledger knows this recording with another content"
        }
        return nil
    }

    /// One recording, one file.
    private static func markDuplicates(_ reports: inout [RecordingReport]) {
        var seen: [RecordingID: String] = [:]
        for place in reports.indices {
            guard let recording = reports[place].recording else { continue }
            if let other = seen.updateValue(reports[place].path, forKey: recording) {
                reports[place].result = .altered(Finding(fileOffset: 0, reason: "is the same recording as \(other)"))
            }
        }
    }

    /// The numbers that are missing between the lowest and the highest.
    private static func gaps(_ reports: [RecordingReport]) -> [ClosedRange<UInt64>] {
        let numbers = Set(reports.compactMap { $0.start?.sessionNumber }).sorted()
        return zip(numbers, numbers.dropFirst()).filter { $1 - $0 > 1 }.map { $0 + 1...$1 - 1 }
    }
}
