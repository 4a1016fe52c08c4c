import Adapters
import Protocols
import Recorder
import Testing
import WireTestKit

/// What a released version wrote stays readable and verifiable. `fixtures/recordings/v1` was written once, and its
/// `records.jsonl` by a reader in another language.
@Suite struct ReleasedFormatTests {
    static let folder = Repository.root + "/fixtures/recordings/v1"

    @Test func `What version 1 wrote verifies`() async throws {
        let key = try TrustedKey(file: Self.folder + "/gateway.pem")
        let report = try await Verifier(trust: TrustStore([key])).verify(folder: Self.folder)
        #expect(report.holds, "\(report)")
        #expect(report.recordings.compactMap(\.end?.cause) == [.closed, .interrupted, .closed])
        #expect(report.recordings.compactMap(\.start?.sessionNumber) == [1, 3, 4])
    }

    @Test func `What version 1 wrote is read, record by record`() throws {
        var lines: [String] = []
        for path in try RecordingsFolder.recordings(below: Self.folder) {
            try RecordingReader(path).forEachRecord { header, payload, _ in
                lines.append(Self.line(header, payload))
                return true
            }
        }
        let expected = String(decoding: Disk.read(Self.folder + "/records.jsonl"), as: UTF8.self)
        #expect(lines == expected.split(separator: "\n").map(String.init))
        #expect(lines.count == 96)
    }

    private static func line(_ header: RecordHeader, _ payload: Span<UInt8>) -> String {
        let content = [UInt8](copying: payload)
        return JSON.object([
            "type": .integer(Int64(header.type.rawValue)),
            "direction": .integer(Int64(header.direction?.rawValue ?? 0)),
            "stream": .integer(Int64(header.stream)), "sequence": .unsigned(header.sequence),
            "gateway_sequence": .unsigned(header.gatewaySequence),
            "monotonic": .unsigned(header.time.monotonicNanoseconds), "wall": .integer(header.time.wallNanoseconds),
            "payload": header.type == .data ? .bytes(content) : (try? JSON.parse(payload)) ?? .null,
        ]).text
    }
}
