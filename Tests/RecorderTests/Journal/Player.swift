import Protocols
import WireTestKit

@testable import Recorder

/// What a connection does, as a seed alone tells it.
struct Script {
    /// Up to so many bytes at a time: one record.
    static let maximum = 40_000

    private var random: SplitMix64
    private var count = 0
    private(set) var isOver = false

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// The first `count` entries of a recording.
    static func entries(seed: UInt64, count: Int) -> [Track.Entry] {
        var script = Script(seed: seed)
        return [Track.Entry(type: .start, direction: nil, payload: [])] + (1..<count).map { _ in script.next() }
    }

    mutating func next() -> Track.Entry {
        count += 1
        switch Int.random(in: 0..<100, using: &random) {
        case 0 where count > 50:
            isOver = true
            return Track.Entry(type: .note, direction: .clientToServer, payload: Player.ending.encoded())
        case 1...5:
            return Track.Entry(type: .note, direction: .clientToServer, payload: note("entry \(count)").encoded())
        case 6...8: return data(Int.random(in: 1...Self.maximum, using: &random))
        default: return data(Int.random(in: 1...600, using: &random))
        }
    }

    func note(_ reason: String) -> Annotation {
        Annotation(.information, .clientToServer, range: 0..<0, reason: reason)
    }

    mutating func data(_ count: Int) -> Track.Entry {
        let direction: Direction = Bool.random(using: &random) ? .clientToServer : .serverToClient
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = min(count - bytes.count, 1 << 20)
            let start = Int.random(in: 0...Self.pool.count - part, using: &random)
            bytes += Self.pool[start..<start + part]
        }
        return Track.Entry(type: .data, direction: direction, payload: bytes)
    }

    /// Half of it shrinks.
    private static let pool: [UInt8] = {
        var random = SplitMix64(seed: 0)
        let half = 1 << 20
        return (0..<half).map { _ in UInt8(truncatingIfNeeded: random.next()) } + [UInt8](repeating: 0x61, count: half)
    }()
}

/// One connection as a test plays it: records, and remembers what it recorded.
final class Player {
    private(set) var track: Track
    private(set) var position: JournalPosition
    private let recording: Recording
    private var script: Script

    init(on lane: RecorderLane, seed: UInt64) throws {
        script = Script(seed: seed)
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

    /// The note with which the recorder ends a recording that `finish` ended.
    static let ending = Annotation(.information, .clientToServer, range: 0..<0, reason: "ended: test")

    /// Plays on by so many entries of the script, or to its end.
    func play(_ count: Int) throws {
        for _ in 0..<count where !track.isFinished {
            let entry = script.next()
            if script.isOver { finish() } else { try record(entry) }
        }
    }

    /// Sends so many bytes at once.
    func send(_ count: Int) throws { try record(script.data(count)) }

    func identify() throws {
        let identity = Identity(subject: "alice", method: "scram-sha-256")
        position = try recording.identity(identity, at: Self.now)
        track.entries.append(Track.Entry(type: .identity, direction: nil, payload: []))
    }

    func finish() {
        recording.finish("test", at: Self.now)
        track.isFinished = true
        let payload = Self.ending.encoded()
        track.entries.append(Track.Entry(type: .note, direction: .clientToServer, payload: payload))
    }

    private func record(_ entry: Track.Entry) throws {
        if entry.type == .data, let direction = entry.direction {
            position = try recording.data(entry.payload.span, direction, stream: 0, at: Self.now)
        } else {
            let header = RecordHeader(
                .note, direction: entry.direction, sequence: 1, gatewaySequence: 1, time: Self.now)
            position = try recording.note(Annotation(header, entry.payload.span), at: Self.now)
        }
        track.entries.append(entry)
    }
}
