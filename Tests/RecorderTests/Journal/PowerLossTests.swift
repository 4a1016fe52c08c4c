import Glibc
import Protocols
import Testing
import WireTestKit

@testable import Recorder

/// A power failure keeps any of the pages that were written since the last sync, and none of the others.
@Suite(.serialized) struct PowerLossTests {
    private static let connections = 10
    private static let pageBytes = 4096

    @Test(arguments: (0..<12).map { _ in UInt64.random(in: 0 ... .max) })
    func `What was reported durable survives a power failure`(seed: UInt64) async throws {
        let scratch = ScratchFolder()
        let path = scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, seed] in
            try await Self.runAndDie(path, seed: seed)
        }
        var random = SplitMix64(seed: seed)
        try Self.losePages(of: path, &random)
        try await expectDurable(path, seed)
    }

    private static func configuration(_ path: String) -> RecorderConfiguration {
        var configuration = RecorderScene.configuration(in: path, 1)
        // Only what is asked for is synced, so that the test knows what was.
        configuration.syncMilliseconds = 3_600_000
        configuration.journalSegmentBytes = 256 << 10
        return configuration
    }

    /// Records, has some of it made durable, keeps a copy of the journal as it is then, records more, and dies.
    private static func runAndDie(_ path: String, seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let recorder = try Recorder(configuration(path))
        let lane = recorder.lanes[0]
        let durable = Signal()
        lane.setHandlers(onDurable: { durable.raise($0) }, onRoom: {})
        var players: [Player] = []
        try await play(&players, connections / 2, on: lane, Int.random(in: 1...1500, using: &random), seed, &random)
        lane.requestSync()
        await durable.reaches(players.map(\.position).max() ?? 0)
        let progress = Progress(path)
        for (number, player) in players.enumerated() { progress.set(number, player.track.entries.count) }
        copyJournal(of: path)
        try await play(&players, connections, on: lane, Int.random(in: 1...1500, using: &random), seed, &random)
        kill(getpid(), SIGKILL)
    }

    private static func play(
        _ players: inout [Player], _ count: Int, on lane: RecorderLane, _ entries: Int, _ seed: UInt64,
        _ random: inout SplitMix64
    ) async throws {
        for number in players.count..<count { players.append(try Player(on: lane, seed: seed &+ UInt64(number))) }
        for _ in 0..<entries {
            while !lane.hasRoom { await Task.yield() }
            try players[Int.random(in: 0..<count, using: &random)].play(1)
        }
    }

    private static func copyJournal(of path: String) {
        unsafe _ = mkdir(path + "/synced", 0o700)
        for name in (try? StoreFile.names(in: path + "/state/journal")) ?? [] where name.hasSuffix(".wtj") {
            Disk.write(Disk.read("\(path)/state/journal/\(name)"), to: "\(path)/synced/\(name)")
        }
    }

    /// Puts each page of the journal back to what was synced, or leaves it; what stands in recordings was never synced.
    private static func losePages(of path: String, _ random: inout SplitMix64) throws {
        for name in try StoreFile.names(in: path + "/state/journal") where name.hasSuffix(".wtj") {
            let file = "\(path)/state/journal/\(name)"
            Disk.write(mixed(Disk.read(file), Disk.read("\(path)/synced/\(name)"), &random), to: file)
        }
        for file in try RecordingsFolder.recordings(below: path + "/recordings") {
            let bytes = Disk.read(file)
            let kept = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            Disk.write(mixed(kept, [], &random), to: file)
        }
    }

    private static func mixed(_ new: [UInt8], _ old: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        // Often most pages are kept: holes show then.
        let odds = [2, 10, 100].randomElement(using: &random)!
        var bytes = new
        for start in stride(from: 0, to: new.count, by: pageBytes) where Int.random(in: 0..<odds, using: &random) == 0 {
            for place in start..<min(new.count, start + pageBytes) { bytes[place] = place < old.count ? old[place] : 0 }
        }
        return bytes
    }

    private func expectDurable(_ path: String, _ seed: UInt64) async throws {
        let recorder = try Recorder(Self.configuration(path))
        recorder.shutdown()
        let check = RecordingsCheck(Self.configuration(path))
        let report = try await check.verify()
        let progress = Progress(path)
        let kept = try check.content()
        var durable = 0
        for recording in report.recordings {
            // A recording whose START was lost cannot be sealed; it began after the sync.
            guard let start = recording.start, let id = recording.recording else { continue }
            #expect(recording.result.holds, "seed \(seed): \(recording.result)")
            let number = Int(start.sessionNumber) - 1
            let found = try #require(kept[id])
            let wanted = Script.entries(seed: seed &+ UInt64(number), count: found.count)
            let isSame = zip(found, wanted).allSatisfy { $0 == $1 || $0.type == .gap }
            #expect(isSame, "seed \(seed), connection \(number)")
            #expect(found.prefix(progress.get(number)).allSatisfy { $0.type != .gap }, "seed \(seed)")
            #expect(found.count >= progress.get(number), "seed \(seed), connection \(number)")
            if progress.get(number) > 0 { durable += 1 }
        }
        #expect(durable == Self.connections / 2, "seed \(seed)")
        #expect(report.ledger.holds && report.missing.isEmpty, "seed \(seed): \(check.problems(report))")
    }
}
