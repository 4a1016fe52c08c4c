import Protocols
import Testing

@testable import Recorder

@Suite struct JournalPathTests {
    @Test func `What a lane records stands in a sealed file, in order and to the byte`() async throws {
        let scene = RecorderScene()
        let recorder = try scene.start()
        let player = try Player(on: recorder.lanes[0], seed: 1)
        try player.identify()
        try player.play(40)
        player.finish()
        recorder.shutdown()
        try await scene.expect([player.track])
    }

    @Test(arguments: [1, 4])
    func `Many connections on several lanes are kept apart`(lanes: Int) async throws {
        let scene = RecorderScene(lanes: lanes)
        let recorder = try scene.start()
        let tracks = try await withThrowingTaskGroup(of: [Track].self) { group in
            for (number, lane) in recorder.lanes.enumerated() {
                group.addTask { try Self.interleave(30, on: lane, seed: UInt64(number)) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        recorder.shutdown()
        try await scene.expect(tracks)
    }

    @Test func `Bytes longer than a segment and longer than a record come back whole`() async throws {
        let scene = RecorderScene(segmentBytes: 8 << 20)
        let recorder = try scene.start()
        let player = try Player(on: recorder.lanes[0], seed: 2)
        for count in [0, 1, 65_491, 65_492, 65_493, 131_072, 1 << 20, 3 << 20] { try player.send(count) }
        player.finish()
        recorder.shutdown()
        try await scene.expect([player.track])
    }

    @Test func `A replacement of more than a record is told in several notes`() async throws {
        let scene = RecorderScene()
        let recorder = try scene.start()
        let recording = try recorder.lanes[0].begin(Player.facts, at: Player.now)
        let other = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let note = Annotation(.replaced, .clientToServer, range: 5..<9, reason: "masked", otherLeg: other)
        try recording.note(note, at: Player.now)
        recording.finish("test", at: Player.now)
        recorder.shutdown()
        var told: [UInt8] = []
        var ranges: [Range<UInt64>] = []
        let path = try #require(try RecordingsFolder.recordings(below: scene.recordings).first)
        try RecordingReader(path).forEachRecord { header, payload, _ in
            if header.type == .note, let note = try? Annotation(header, payload), note.kind == .replaced {
                told += note.otherLeg
                ranges.append(note.range)
            }
            return true
        }
        #expect(told == other)
        #expect(ranges.first == 5..<9)
        #expect(ranges.dropFirst().allSatisfy { $0 == 9..<9 })
    }

    @Test func `The journal is used again and again, and never grows beyond its limit`() async throws {
        let scene = RecorderScene(segmentsMaximum: 3)
        let recorder = try scene.start()
        let lane = recorder.lanes[0]
        let room = RoomWaiter(lane)
        let player = try Player(on: lane, seed: 3)
        for _ in 0..<40 {
            await room.wait()
            try player.send(1 << 19)
        }
        player.finish()
        #expect(lane.queue.segmentCount <= 3)
        #expect(player.position > 4 * UInt64(scene.configuration.journalSegmentBytes))
        recorder.shutdown()
        try await scene.expect([player.track])
    }

    @Test func `A lane without room says so, and calls when there is some`() async throws {
        let scene = RecorderScene(segmentsMaximum: 2)
        // So rarely that a loop without pauses fills the journal first.
        scene.configuration.syncMilliseconds = 300
        let recorder = try scene.start()
        let lane = recorder.lanes[0]
        let room = RoomWaiter(lane)
        let player = try Player(on: lane, seed: 4)
        for _ in 0..<3 {
            while lane.hasRoom { try player.send(1 << 20) }
            await room.wait()
            #expect(lane.hasRoom)
        }
        player.finish()
        recorder.shutdown()
        try await scene.expect([player.track])
    }

    @Test func `What was appended is reported durable, at once where it is asked for`() async throws {
        let scene = RecorderScene()
        scene.configuration.syncMilliseconds = 3_600_000
        let recorder = try scene.start()
        let lane = recorder.lanes[0]
        let durable = Signal()
        lane.setHandlers(onDurable: { durable.raise($0) }, onRoom: {})
        let player = try Player(on: lane, seed: 5)
        for _ in 0..<20 {
            try player.send(100)
            #expect(lane.durable < player.position)
            lane.requestSync()
            await durable.reaches(player.position)
            #expect(lane.durable >= player.position)
        }
        player.finish()
        recorder.shutdown()
        try await scene.expect([player.track])
    }

    @Test func `Recordings that are open at the end are sealed as interrupted`() async throws {
        let scene = RecorderScene()
        let recorder = try scene.start()
        let player = try Player(on: recorder.lanes[0], seed: 6)
        try player.send(1000)
        recorder.shutdown()
        try await scene.expect([player.track])
        let path = try #require(try RecordingsFolder.recordings(below: scene.recordings).first)
        #expect(try RecordingReader(path).end?.cause == .interrupted)
    }

    @Test func `Sessions are numbered on from run to run`() async throws {
        let scene = RecorderScene()
        var tracks: [Track] = []
        for run in 0..<3 {
            let recorder = try scene.start()
            #expect(recorder.recovered == 0)
            for _ in 0..<5 {
                let player = try Player(on: recorder.lanes[0], seed: UInt64(run))
                try player.play(3)
                player.finish()
                tracks.append(player.track)
            }
            recorder.shutdown()
        }
        try await scene.expect(tracks)
    }

    @Test func `A second gateway is refused while the first one runs`() throws {
        let scene = RecorderScene()
        let recorder = try scene.start()
        let error = #expect(throws: RecorderError.self) { try scene.start() }
        #expect("\(error!)".contains("process id"))
        recorder.shutdown()
    }

    /// Plays connections that send in turn, some records at a time.
    private static func interleave(_ count: Int, on lane: RecorderLane, seed: UInt64) throws -> [Track] {
        let players = try (0..<count).map { try Player(on: lane, seed: seed * 1000 + UInt64($0)) }
        for round in 0..<20 {
            for (number, player) in players.enumerated() {
                try player.send(1 + (number * 37 + round * 11) % 900)
                if round == 19 { player.finish() }
            }
        }
        return players.map(\.track)
    }
}
