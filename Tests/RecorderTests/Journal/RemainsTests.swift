import Protocols
import Synchronization
import Testing
import WireTestKit

@testable import Recorder

/// What recovery makes of a journal that is not as its gateway left it.
@Suite struct RemainsTests {
    private let rig = RecorderRig()

    /// A copy of a running recorder's folders is what a killed one leaves: the journal is mapped and shared.
    private func kill(_ recorder: Recorder) async throws -> RecorderRig {
        let dead = RecorderRig()
        dead.configuration.journalSegmentBytes = rig.configuration.journalSegmentBytes
        try await Command("cp", ["-r", rig.scratch.path + "/.", dead.scratch.path]).output()
        recorder.shutdown()
        return dead
    }

    private func segment(_ recorder: Recorder) throws -> String {
        try #require(recorder.lanes[0].queue.used.last).segment.path.split(separator: "/").last.map(String.init)!
    }

    private static func changeJournal(_ rig: RecorderRig, _ name: String, _ change: (inout [UInt8]) -> Void) {
        let path = "\(rig.configuration.state)/journal/\(name)"
        var bytes = Disk.read(path)
        change(&bytes)
        Disk.write(bytes, to: path)
    }

    @discardableResult
    private static func recover(_ rig: RecorderRig) throws -> Int {
        let recorder = try rig.recorder()
        recorder.shutdown()
        return recorder.recovered
    }

    /// Records that many pieces of 100 bytes.
    private func record(_ pieces: Int, _ recorder: Recorder) throws -> Recording {
        let recording = try recorder.lanes[0].begin(.test, at: .now)
        for number in 0..<pieces {
            let piece = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 100)
            _ = try recording.data(piece.span, .clientToServer, stream: 0, at: .now)
        }
        return recording
    }

    @Test(arguments: [0, 4, 8, 12, 16, 32, 44, 76, 100, 170])
    func `a record that was cut anywhere ends the recording before it`(from start: Int) async throws {
        let recorder = try rig.recorder()
        let recording = try record(2, recorder)
        let end = try recording.data([UInt8](repeating: 9, count: 100).span, .clientToServer, stream: 0, at: .now)
        let name = try segment(recorder)
        let dead = try await kill(recorder)
        Self.changeJournal(dead, name) { bytes in
            let last = Int(end) - JournalEnvelope.paddedByteCount(record: RecordHeader.byteCount + 100)
            for place in last + start..<Int(end) { bytes[place] = 0 }
        }
        #expect(try Self.recover(dead) == 1)
        let kept = try ReadRecording(dead.recordings()[0])
        #expect(kept.types == [.start, .data, .data])
        #expect(kept.end?.cause == .interrupted)
        try await dead.expectHolds()
    }

    @Test func `garbage behind the last record is no record`() async throws {
        let recorder = try rig.recorder()
        _ = try record(3, recorder)
        let (name, end) = (try segment(recorder), recorder.lanes[0].queue.appended.load(ordering: .relaxed))
        let dead = try await kill(recorder)
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        Self.changeJournal(dead, name) { bytes in
            for place in Int(end)..<bytes.count { bytes[place] = UInt8(truncatingIfNeeded: random.next()) }
        }
        #expect(try Self.recover(dead) == 1, "seed \(seed)")
        #expect(try ReadRecording(dead.recordings()[0]).records.count == 4, "seed \(seed)")
        try await dead.expectHolds()
    }

    @Test func `a damaged first page is refused in words that name the file`() async throws {
        let recorder = try rig.recorder()
        _ = try record(1, recorder)
        let name = try segment(recorder)
        let dead = try await kill(recorder)
        Self.changeJournal(dead, name) { $0[3] ^= 1 }
        let error = #expect(throws: RecorderError.self) { try dead.recorder() }
        #expect("\(error!)".contains(name) && "\(error!)".contains("damaged"), "\(error!)")
        Self.changeJournal(dead, name) { $0[3] ^= 1 }
        #expect(try Self.recover(dead) == 1)
        try await dead.expectHolds()
    }

    @Test func `segments of another size are emptied, and then removed`() async throws {
        let recorder = try rig.recorder()
        _ = try record(5, recorder)
        let dead = try await kill(recorder)
        dead.configuration.journalSegmentBytes = 8 << 20
        #expect(try Self.recover(dead) == 1)
        #expect(try ReadRecording(dead.recordings()[0]).records.count == 6)
        try await dead.expectHolds()
        let sizes = try StoreFile.names(in: dead.configuration.state + "/journal").filter { $0.hasSuffix(".wtj") }
            .map { Disk.read("\(dead.configuration.state)/journal/\($0)").count }
        #expect(sizes == [8 << 20, 8 << 20])
    }

    @Test func `records of an earlier run never count again`() async throws {
        var current = rig
        var removed: Set<RecordingID> = []
        // Shorter from run to run, with records of one size: each ends where a record of the run before begins.
        for pieces in stride(from: 60, to: 0, by: -10) {
            let recorder = try current.recorder()
            let recording = try recorder.lanes[0].begin(.test, at: .now)
            for _ in 0..<pieces {
                _ = try recording.data([UInt8](repeating: 1, count: 100).span, .clientToServer, stream: 0, at: .now)
            }
            let next = RecorderRig()
            try await Command("cp", ["-r", current.scratch.path + "/.", next.scratch.path]).output()
            recorder.shutdown()
            try Self.recover(next)
            let paths = try next.recordings()
            #expect(paths.count == 1, "none comes back that was removed")
            let kept = try ReadRecording(try #require(paths.first))
            #expect(kept.id == recording.id && kept.records.count == pieces + 1 && removed.insert(kept.id).inserted)
            try await Command("rm", paths).output()
            current = next
        }
    }
}
