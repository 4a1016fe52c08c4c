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

    /// All bytes of one direction.
    func bytes(_ direction: Direction) -> [UInt8] {
        entries.filter { $0.type == .data && $0.direction == direction }.flatMap(\.payload)
    }
}
