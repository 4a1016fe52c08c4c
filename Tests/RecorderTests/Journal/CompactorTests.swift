import Adapters
import Protocols
import Recorder
import Testing
import WireTestKit

@Suite struct CompactorTests {
    private static let pieceBytes = 256 << 10
    private static let count = 96

    /// Few and small segments against much data: the lane is often more than one segment ahead.
    private static func recorder(in scratch: ScratchFolder) throws -> Recorder {
        var configuration = RecorderConfiguration(
            state: scratch.path + "/state", recordings: scratch.path + "/recordings", lanes: 1)
        configuration.journalSegmentBytes = 4 << 20
        configuration.journalSegmentsMaximum = 4
        configuration.minimumFreeBytes = 0
        return try Recorder(configuration)
    }

    private static func piece(_ number: Int) -> [UInt8] {
        var random = SplitMix64(seed: UInt64(number))
        return (0..<pieceBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    @Test func `nothing is lost when the loop runs segments ahead of the compactor`() async throws {
        let scratch = ScratchFolder()
        let recorder = try Self.recorder(in: scratch)
        let lane = recorder.lanes[0]
        let pieces = (0..<8).map(Self.piece)
        let facts = StartFacts(
            protocolID: ProtocolID(rawValue: "postgres"), client: "127.0.0.1:50000", listener: "127.0.0.1:6432",
            target: "orders", software: "test", sessionNumber: 0, previousLedgerHash: [])
        let recording = try lane.begin(facts, at: Self.time)
        for number in 0..<Self.count {
            while !lane.hasRoom { await Task.yield() }
            let piece = pieces[number % pieces.count]
            _ = try recording.data(piece.span, .clientToServer, stream: 0, at: Self.time)
        }
        recording.finish("done", at: Self.time)
        recorder.shutdown()

        let path = try #require(try RecordingsFolder.recordings(below: scratch.path + "/recordings").first)
        let kept = try Self.data(of: path)
        #expect(kept.count == Self.count * Self.pieceBytes)
        #expect(kept == (0..<Self.count).flatMap { pieces[$0 % pieces.count] })
    }

    private static let time = Timestamp(monotonicNanoseconds: 1, wallNanoseconds: RecordingSample.wall)

    /// The payloads of all DATA records, in order.
    private static func data(of path: String) throws -> [UInt8] {
        let reader = try RecordingReader(path)
        var bytes: [UInt8] = []
        while try reader.next() != nil {
            let raw = reader.raw
            var offset = 0
            while offset < raw.count {
                let (header, count) = try RecordHeader.parse(raw.span.extracting(offset...))
                let payload = offset + RecordHeader.byteCount
                if header.type == .data { bytes += raw[payload..<payload + count] }
                offset = payload + count
            }
        }
        return bytes
    }
}
