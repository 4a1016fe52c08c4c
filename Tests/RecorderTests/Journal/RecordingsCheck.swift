import Protocols
import Testing

@testable import Recorder

/// Compares a folder of recordings with what was recorded.
struct RecordingsCheck {
    let configuration: RecorderConfiguration

    init(_ configuration: RecorderConfiguration) { self.configuration = configuration }

    /// Verifies the folder, and finds each track whole.
    func expect(_ tracks: [Track], sourceLocation: SourceLocation) async throws {
        let report = try await verify()
        #expect(report.holds, "\(problems(report))", sourceLocation: sourceLocation)
        #expect(report.recordings.count == tracks.count, sourceLocation: sourceLocation)
        let found = try content()
        for track in tracks {
            let entries = try #require(found[track.id], "\(track.id) is missing", sourceLocation: sourceLocation)
            compare(entries, track, sourceLocation)
        }
    }

    func verify() async throws -> FolderReport {
        let trust = try TrustStore(StateFolder(configuration.state))
        return try await Verifier(trust: trust).verify(folder: configuration.recordings)
    }

    /// What does not hold, for a failing test's message.
    func problems(_ report: FolderReport) -> String {
        let recordings = report.recordings.filter { !$0.result.holds }.map { "\($0.path): \($0.result)" }
        return "ledger: \(report.ledger), missing: \(report.missing), " + recordings.prefix(3).joined(separator: ", ")
    }

    /// All records in the folder; of START and IDENTITY only that they are there.
    func content() throws -> [RecordingID: [Track.Entry]] {
        var found: [RecordingID: [Track.Entry]] = [:]
        for path in try RecordingsFolder.recordings(below: configuration.recordings) {
            let reader = try RecordingReader(path)
            var entries: [Track.Entry] = []
            try reader.forEachRecord { header, payload, _ in
                let isPlain = header.type == .data || header.type == .note || header.type == .gap
                entries.append(
                    Track.Entry(
                        type: header.type, direction: header.direction,
                        payload: isPlain ? [UInt8](copying: payload) : []))
                return true
            }
            found[reader.recording] = entries
        }
        return found
    }

    /// The recorder cuts long DATA into several records: they count as one where their direction stays the same.
    private func compare(_ entries: [Track.Entry], _ track: Track, _ sourceLocation: SourceLocation) {
        let wanted = Self.merged(track.entries)
        let found = Self.merged(entries)
        #expect(found.count == wanted.count, sourceLocation: sourceLocation)
        guard found != wanted, let place = zip(found, wanted).enumerated().first(where: { $1.0 != $1.1 }) else {
            return
        }
        Issue.record("record \(place.offset) of \(track.id) differs", sourceLocation: sourceLocation)
    }

    static func merged(_ entries: [Track.Entry]) -> [Track.Entry] {
        var all: [Track.Entry] = []
        for entry in entries {
            if entry.type == .data, let last = all.last, last.type == .data, last.direction == entry.direction {
                all[all.count - 1].payload += entry.payload
            } else {
                all.append(entry)
            }
        }
        return all
    }
}
