import Adapters
import Glibc
import Protocols
import Recorder
import WireTestKit

/// Whole files for tests.
enum Disk {
    static func read(_ path: String) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY)
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let got = unsafe Glibc.read(file, &chunk, chunk.count)
            if got <= 0 { return bytes }
            bytes += chunk[0..<got]
        }
    }

    static func write(_ bytes: [UInt8], to path: String) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let put = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(file, $0.baseAddress! + written, $0.count - written)
            }
            precondition(put > 0)
            written += put
        }
    }
}

/// Makes recordings whose content follows from a seed alone.
struct RecordingSample {
    /// A date that never changes: 2026-11-21T04:00:00Z.
    static let wall: Int64 = 1_795_233_600_000_000_000

    /// The wall time of every START.
    static let startWall = wall + 1_000_000

    static func key(_ seed: UInt8 = 7) -> GatewayKey {
        GatewayKey(Ed25519.PrivateKey(seed: [UInt8](repeating: seed, count: 32))!)
    }

    static func id(_ session: UInt64) -> RecordingID {
        RecordingID(wallNanoseconds: wall, random: [UInt8](repeating: UInt8(truncatingIfNeeded: session), count: 10))
    }

    var session: UInt64 = 1
    var previous = [UInt8](repeating: 0, count: 32)
    var segments = 3
    var recordsPerSegment = 8
    var payloadBytes = 300
    /// Whether the content shrinks.
    var isText = true
    var random = SplitMix64(seed: 1)

    /// The records, segment by segment. The first is START, the second IDENTITY; a NOTE, a GAP and DATA follow.
    mutating func records() -> [[Record]] {
        var sequence: UInt64 = 0
        var all: [[Record]] = []
        for segment in 0..<segments {
            var records: [Record] = []
            for index in 0..<recordsPerSegment {
                sequence += 1
                records.append(record(sequence, segment, index))
            }
            all.append(records)
        }
        return all
    }

    private mutating func record(_ sequence: UInt64, _ segment: Int, _ index: Int) -> Record {
        func header(_ type: RecordType, _ direction: Direction? = nil) -> RecordHeader {
            RecordHeader(
                type, direction: direction, sequence: sequence, gatewaySequence: sequence * 3,
                time: Timestamp(
                    monotonicNanoseconds: sequence * 1_000_000, wallNanoseconds: Self.wall + Int64(sequence) * 1_000_000
                ))
        }
        switch (segment, index) {
        case (0, 0):
            let start = StartFacts(
                protocolID: ProtocolID(rawValue: "postgres"), client: "127.0.0.1:50000", listener: "127.0.0.1:6432",
                target: "orders", software: "wiretrail test", sessionNumber: session, previousLedgerHash: previous)
            return Record(header(.start), payload: start.encoded())
        case (0, 1):
            let identity = Identity(subject: "alice", method: "scram-sha-256", facts: ["uid": "1000"])
            return Record(header(.identity), payload: IdentityFacts(identity).encoded())
        case (_, 4):
            let note = Annotation(.redaction, .clientToServer, range: 10..<20, reason: "a password")
            return Record(header(.note, .clientToServer), payload: note.encoded())
        case (_, 5):
            return Record(header(.gap, .serverToClient), payload: GapFacts(length: 17, reason: "test").encoded())
        default:
            let direction: Direction = index % 2 == 0 ? .clientToServer : .serverToClient
            let count = Int.random(in: 0...payloadBytes, using: &random)
            let alphabet: ClosedRange<UInt8> = isText ? 0x61...0x64 : 0...255
            let payload = (0..<count).map { _ in UInt8.random(in: alphabet, using: &random) }
            return Record(header(.data, direction), payload: payload)
        }
    }

    /// Writes the recording; returns its path. Unsealed when `key` is nil.
    mutating func write(in folder: RecordingsFolder, key: GatewayKey? = key()) throws -> (path: String, raw: [UInt8]) {
        let writer = try RecordingWriter(create: Self.id(session), in: folder, at: Self.wall)
        var planner = writer.resumed
        var encoder = RecordingSegmentEncoder()
        var everything: [UInt8] = []
        for records in records() {
            var raw: [UInt8] = []
            for record in records { record.write(into: &raw) }
            try writer.append(encoder.encode(raw.span, try planner.plan(raw.span)))
            everything += raw
        }
        if let key { _ = try writer.seal(.closed, sessionNumber: session, key: key) }
        return (writer.path, everything)
    }
}
