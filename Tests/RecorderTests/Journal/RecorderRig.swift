import Glibc
import Protocols
import Recorder
import Testing
import WireTestKit

/// A recorder's folders, and what is to be said of them afterwards.
final class RecorderRig {
    let scratch = ScratchFolder()
    var configuration: RecorderConfiguration

    init(lanes: Int = 1) {
        configuration = RecorderConfiguration(
            state: "\(scratch.path)/state", recordings: "\(scratch.path)/recordings", lanes: lanes)
        configuration.journalSegmentBytes = 1 << 20
        configuration.minimumFreeBytes = 0
    }

    func recorder() throws -> Recorder { try Recorder(configuration) }

    /// The recordings in the folder, in order of their names.
    func recordings() throws -> [String] { try RecordingsFolder.recordings(below: configuration.recordings) }

    /// Everything in the folder, ledger included, as the gateway's own trust store sees it.
    func verify() async throws -> FolderReport {
        let trust = try TrustStore(StateFolder(configuration.state))
        return try await Verifier(trust: trust).verify(folder: configuration.recordings)
    }

    /// Expects that every recording is sealed, and that everything holds.
    func expectHolds(_ location: SourceLocation = #_sourceLocation) async throws {
        let report = try await verify()
        #expect(report.holds, "\(report.problems)", sourceLocation: location)
    }
}

extension FolderReport {
    /// What does not hold.
    var problems: String {
        let recordings = recordings.filter { !$0.result.holds }.map { "\($0.path): \($0.result)" }
        let ledger = ledger.holds ? [] : ["ledger: \(ledger)"]
        return (recordings + ledger + missing.map { "missing: \($0)" }).joined(separator: "\n")
    }
}

/// All of one recording, as it is read back.
struct ReadRecording {
    var id: RecordingID
    var end: EndFrame?
    var records: [Record] = []

    init(_ path: String) throws {
        let reader = try RecordingReader(path)
        id = reader.recording
        end = reader.end
        try reader.forEachRecord { (header, payload, _) in
            var bytes: [UInt8] = []
            bytes.append(payload)
            records.append(Record(header, payload: bytes))
            return true
        }
    }

    /// The bytes of one direction, in order.
    func bytes(_ direction: Direction) -> [UInt8] {
        records.reduce(into: []) { bytes, record in
            if record.header.type == .data, record.header.direction == direction { bytes += record.payload }
        }
    }

    /// What START says.
    func start() throws -> StartFacts {
        let payload = try #require(records.first).payload
        return try StartFacts(payload.span)
    }

    var types: [RecordType] { records.map(\.header.type) }
}

extension StartFacts {
    static let test = StartFacts(
        protocolID: ProtocolID(rawValue: "test"), client: "127.0.0.1:5", listener: "127.0.0.1:6", target: "upstream",
        software: "test", sessionNumber: 0, previousLedgerHash: [])
}

extension Timestamp {
    /// Both clocks, now.
    static var now: Timestamp {
        Timestamp(
            monotonicNanoseconds: UInt64(nanoseconds(CLOCK_MONOTONIC)), wallNanoseconds: nanoseconds(CLOCK_REALTIME))
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe _ = clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
