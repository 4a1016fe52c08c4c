import Protocols
import Testing

@testable import Recorder

@Suite struct LaneTests {
    @Test(.timeLimit(.minutes(5))) func `hundreds of interleaved recordings on three lanes are kept to the byte`()
        async throws
    {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed: \(seed)")
        let rig = RecorderRig(lanes: 3)
        rig.configuration.journalSegmentBytes = 4 << 20
        rig.configuration.journalSegmentsMaximum = 3
        let recorder = try rig.recorder()
        let lanes = recorder.lanes.enumerated().map { LaneWorkload($1, seed: seed &+ UInt64($0)) }
        let threads = lanes.map { lane in Worker("lane") { lane.run(connections: 100) } }
        for thread in threads { thread.join() }
        recorder.shutdown()

        #expect(lanes.compactMap(\.fault) == [])
        try rig.expectExactly(lanes)
        try await rig.expectHolds()
    }

    @Test func `a record that no segment can hold is refused, and nothing of it remains`() async throws {
        let rig = RecorderRig()
        rig.configuration.journalSegmentBytes = 64 << 10
        let recorder = try rig.recorder()
        let recording = try recorder.lanes[0].begin(.test, at: .now)
        let bytes = [UInt8](repeating: 1, count: 70_000)
        #expect(throws: RecorderError.self) {
            try recording.data(bytes.span, .clientToServer, stream: 0, at: .now)
        }
        _ = try recording.data(bytes.span.extracting(first: 10), .clientToServer, stream: 0, at: .now)
        recording.finish("done", at: .now)
        recorder.shutdown()
        #expect(try ReadRecording(rig.recordings()[0]).types == [.start, .data, .note])
        try await rig.expectHolds()
    }
}

extension RecorderRig {
    /// Expects that the folder holds what the lanes have recorded, and nothing else.
    func expectExactly(_ lanes: [LaneWorkload], _ location: SourceLocation = #_sourceLocation) throws {
        let paths = try recordings()
        let connections = lanes.reduce(into: [:]) { $0.merge($1.connections) { first, _ in first } }
        #expect(paths.count == connections.count, sourceLocation: location)
        for path in paths {
            let read = try ReadRecording(path)
            let connection = try #require(connections[read.id], sourceLocation: location)
            #expect(read.records.map(\.header.sequence) == Array(1...UInt64(read.records.count)))
            for direction in Direction.allCases {
                let isSame = read.bytes(direction) == connection.bytes(direction)
                #expect(isSame, "\(path), \(direction)", sourceLocation: location)
            }
            #expect(read.end?.cause == (connection.isFinished ? .closed : .interrupted), sourceLocation: location)
        }
    }
}
