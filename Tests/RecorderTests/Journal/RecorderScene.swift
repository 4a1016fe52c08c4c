import Glibc
import Protocols
import Testing
import WireTestKit

@testable import Recorder

/// A recorder over folders of its own, and what must be found in them afterwards.
final class RecorderScene {
    let scratch = ScratchFolder()
    var configuration: RecorderConfiguration
    var recordings: String { configuration.recordings }

    init(lanes: Int = 1, segmentBytes: Int = 4 << 20, segmentsMaximum: Int = 4) {
        configuration = Self.configuration(in: scratch.path, lanes)
        configuration.journalSegmentBytes = segmentBytes
        configuration.journalSegmentsMaximum = segmentsMaximum
    }

    static func configuration(in path: String, _ lanes: Int) -> RecorderConfiguration {
        var configuration = RecorderConfiguration(
            state: path + "/state", recordings: path + "/recordings", lanes: lanes)
        configuration.syncMilliseconds = 20
        configuration.minimumFreeBytes = 0
        return configuration
    }

    func start() throws -> Recorder { try Recorder(configuration) }

    /// The folder verifies as a whole, and holds exactly these recordings, record by record.
    func expect(_ tracks: [Track], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await RecordingsCheck(configuration).expect(tracks, sourceLocation: sourceLocation)
    }
}

/// What one connection had recorded.
struct Track: Sendable {
    struct Entry: Sendable, Hashable {
        var type: RecordType
        var direction: Direction?
        var payload: [UInt8]
    }

    let id: RecordingID
    var entries: [Entry] = []
    var isFinished = false
    /// How many of the entries had been reported durable.
    var durable = 0

    /// All bytes of one direction.
    func bytes(_ direction: Direction) -> [UInt8] {
        entries.filter { $0.type == .data && $0.direction == direction }.flatMap(\.payload)
    }
}

/// One connection as a test plays it: records, and remembers what it recorded.
final class Player {
    private(set) var track: Track
    private(set) var position: JournalPosition
    private let recording: Recording
    private var random: SplitMix64
    private var clock: UInt64

    init(on lane: RecorderLane, seed: UInt64) throws {
        random = SplitMix64(seed: seed)
        clock = MonotonicClock.nanoseconds
        recording = try lane.begin(Self.facts, at: Self.now)
        track = Track(id: recording.id)
        position = recording.startPosition
        track.entries.append(Track.Entry(type: .start, direction: nil, payload: []))
    }

    static var now: Timestamp {
        Timestamp(monotonicNanoseconds: MonotonicClock.nanoseconds, wallNanoseconds: WallClock.nanoseconds)
    }

    static let facts = StartFacts(
        protocolID: ProtocolID(rawValue: "postgres"), client: "127.0.0.1:50000", listener: "127.0.0.1:6432",
        target: "orders", software: "wiretrail test", sessionNumber: 0, previousLedgerHash: [])

    func identify() throws {
        let identity = Identity(subject: "alice", method: "scram-sha-256")
        position = try recording.identity(identity, at: Self.now)
        track.entries.append(Track.Entry(type: .identity, direction: nil, payload: []))
    }

    /// Half of it shrinks.
    private static let pool: [UInt8] = {
        var random = SplitMix64(seed: 0)
        let half = 1 << 20
        return (0..<half).map { _ in UInt8(truncatingIfNeeded: random.next()) } + [UInt8](repeating: 0x61, count: half)
    }()

    /// Random bytes, some of which shrink.
    func send(_ count: Int) throws {
        let direction: Direction = Bool.random(using: &random) ? .clientToServer : .serverToClient
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = min(count - bytes.count, 1 << 20)
            let start = Int.random(in: 0...Self.pool.count - part, using: &random)
            bytes += Self.pool[start..<start + part]
        }
        position = try recording.data(bytes.span, direction, stream: 0, at: Self.now)
        track.entries.append(Track.Entry(type: .data, direction: direction, payload: bytes))
    }

    func remark(_ reason: String, otherLeg: [UInt8] = []) throws {
        let note = Annotation(.replaced, .clientToServer, range: 0..<3, reason: reason, otherLeg: otherLeg)
        position = try recording.note(note, at: Self.now)
        track.entries.append(Track.Entry(type: .note, direction: .clientToServer, payload: note.encoded()))
    }

    func finish() {
        recording.finish("test", at: Self.now)
        track.isFinished = true
    }

    /// A connection of a few statements with answers of up to `maximum` bytes.
    func play(statements: Int, maximum: Int) throws {
        try identify()
        for number in 0..<statements {
            try send(Int.random(in: 1...maximum, using: &random))
            if number % 10 == 3 { try remark("statement \(number)") }
        }
        finish()
    }
}
