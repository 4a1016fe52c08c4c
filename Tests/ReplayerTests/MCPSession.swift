import Protocols
import Recorder
import WireTestKit

/// A captured session as a gateway would have kept it: one recording for each connection.
enum MCPSession {
    static let key = "b01fdb64786442089c24a2ccfa1a2128"

    static func record(in folder: String) async throws -> [TestRecording] {
        let session = try await CapturedSession(path: Repository.root + "/fixtures/mcp/questions.pcap")
        var recordings: [TestRecording] = []
        for number in session.connections {
            let recording = try TestRecording(in: folder, number: UInt8(number)) { start, _ in
                start.protocolID = .http
                start.target = "tools"
                start.client = "127.0.0.1:\(50_000 + number)"
            }
            let note = Annotation(.session, .clientToServer, range: 0..<0, reason: Self.key)
            recording.add(.note, .clientToServer, note.encoded())
            recordings.append(recording)
        }
        for (index, turn) in session.turns.enumerated() {
            recordings[Int(turn.connection) - 1]
                .add(.data, turn.direction, turn.bytes, gateway: UInt64(index + 10))
        }
        for recording in recordings { try recording.seal() }
        return recordings
    }
}
