import Glibc
import Protocols
import Testing
import WireTestKit

@testable import Recorder

/// A gateway that is killed loses nothing that it had appended.
@Suite(.serialized) struct CrashTests {
    private static let connections = 12

    /// Appends by the seed until it has appended enough, and dies.
    private static func runAndDie(_ path: String, seed: UInt64) throws -> Never {
        var random = SplitMix64(seed: seed)
        let recorder = try Recorder(configuration(path))
        let lane = recorder.lanes[0]
        let progress = Progress(path)
        let players = try (0..<connections).map { number in
            let player = try Player(on: lane, seed: seed &+ UInt64(number))
            progress.set(number, 1)
            return player
        }
        var left = Int.random(in: 1...3000, using: &random)
        while left > 0 {
            left -= 1
            let number = Int.random(in: 0..<connections, using: &random)
            guard !players[number].track.isFinished, lane.hasRoom else { continue }
            try players[number].play(1)
            progress.set(number, players[number].track.entries.count)
        }
        kill(getpid(), SIGKILL)
        fatalError("SIGKILL cannot be survived")
    }

    private static func configuration(_ path: String) -> RecorderConfiguration {
        var configuration = RecorderScene.configuration(in: path, 1)
        configuration.journalSegmentBytes = 4 << 20
        return configuration
    }

    @Test(arguments: (0..<8).map { _ in UInt64.random(in: 0 ... .max) })
    func `A killed gateway loses nothing that it had appended`(seed: UInt64) async throws {
        let scratch = ScratchFolder()
        let path = scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, seed] in
            try Self.runAndDie(path, seed: seed)
        }
        try await expectEverything(path, seed)
    }

    @Test(arguments: (0..<8).map { _ in UInt64.random(in: 0 ... .max) })
    func `A recovery that is killed is repeated, and loses nothing`(seed: UInt64) async throws {
        let scratch = ScratchFolder()
        let path = scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, seed] in
            try Self.runAndDie(path, seed: seed)
        }
        for attempt in 0..<3 {
            let microseconds = UInt32((seed >> (8 * UInt64(attempt))) % 30_000)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, microseconds = microseconds as UInt32] in
                _ = Worker("killer") {
                    usleep(microseconds)
                    kill(getpid(), SIGKILL)
                }
                _ = try Recorder(Self.configuration(path))
                while true { usleep(1000) }
            }
        }
        try await expectEverything(path, seed)
    }

    /// Recovers, and finds every connection at least as far as it had come; the player repeats what it was.
    private func expectEverything(_ path: String, _ seed: UInt64) async throws {
        #expect(try Self.recover(path) <= Self.connections)
        let check = RecordingsCheck(Self.configuration(path))
        let report = try await check.verify()
        #expect(report.holds, "seed \(seed): \(check.problems(report))")
        let progress = Progress(path)
        let kept = try check.content()
        for report in report.recordings {
            let start = try #require(report.start)
            let number = Int(start.sessionNumber) - 1
            let recording = try #require(report.recording)
            let found = try #require(kept[recording])
            #expect(found.count >= progress.get(number), "seed \(seed), connection \(number)")
            let isSame = found == Script.entries(seed: seed &+ UInt64(number), count: found.count)
            #expect(isSame, "seed \(seed), connection \(number)")
        }
        #expect(report.recordings.count == (0..<Self.connections).count { progress.get($0) > 0 }, "seed \(seed)")
        #expect(try Self.recover(path) == 0, "nothing is left to recover")
    }

    /// Starts a gateway, and stops it. Returns how many recordings it completed.
    private static func recover(_ path: String) throws -> Int {
        let recorder = try Recorder(configuration(path))
        recorder.shutdown()
        return recorder.recovered
    }
}
