import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

/// Timelines that begin in the middle, from what a sidecar keeps.
@Suite struct SidecarTests {
    private let scratch = ScratchFolder()
    private var sidecars: String { scratch.path + "/sidecars" }

    /// A session with prepared statements, transactions and cursors, cut into a segment after every few records.
    private func recording(_ seed: UInt64) throws -> TestRecording {
        var random = SplitMix64(seed: seed)
        let recording = try TestRecording(in: scratch.path)
        var turns = Conversation.login(user: "alice")
        for number in 0..<6 { turns += Conversation.prepare("s\(number)", "SELECT \(number), $1") }
        turns += Conversation.query("BEGIN", tag: "BEGIN", status: "T")
        for number in 0..<60 {
            turns += Conversation.execute("s\(Int.random(in: 0..<6, using: &random))", parameter: "p\(number)")
            if number % 20 == 10 { turns += Conversation.prepare("s\(number % 6)", "SELECT 'again \(number)', $1") }
        }
        turns += Conversation.query("COMMIT", tag: "COMMIT", status: "I") + [Conversation.terminate]
        for turn in turns {
            recording.add([turn])
            if Int.random(in: 0..<4, using: &random) == 0 { try recording.cut() }
        }
        try recording.seal()
        return recording
    }

    private func lines(_ path: String, from: Int64? = nil, sidecars: String? = nil) throws -> [String] {
        var query = TimelineQuery(path, format: .jsonLines)
        query.from = from
        query.sidecars = sidecars
        var output: [UInt8] = []
        try query.run { bytes in
            output.append(bytes)
            return true
        }
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        return lines.filter { $0.contains("\"type\":\"event\"") }
    }

    @Test func `a timeline from any moment on is the end of the whole one, numbers included`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        let recording = try recording(seed)
        try TimelineIndex(folder: sidecars).make(recording.path)
        let whole = try lines(recording.path)
        #expect(whole.count > 60)
        for sequence in stride(from: UInt64(1), to: 170, by: 3) {
            let from = TestRecording.time(sequence).wallNanoseconds
            let part = try lines(recording.path, from: from, sidecars: sidecars)
            #expect(part == Array(whole.suffix(part.count)), "seed \(seed), record \(sequence)")
            let ended = try whole.filter { line in
                let event = try JSON.parse(line)
                return (event["startNs"]?.integer ?? 0) + (event["durationNs"]?.integer ?? 0) >= from
            }
            #expect(part.count == ended.count, "seed \(seed), record \(sequence)")
        }
    }

    @Test func `without a sidecar, what was prepared before is said to be unknown`() throws {
        let recording = try recording(7)
        let from = TestRecording.time(100).wallNanoseconds
        #expect(try lines(recording.path, from: from).contains { $0.contains("prepared before this begins") })
        #expect(try lines(recording.path, from: from, sidecars: sidecars).contains { $0.contains("prepared before") })
    }

    @Test func `a damaged sidecar, or that of another recording, is of no use and does no harm`() throws {
        let recording = try recording(7)
        try TimelineIndex(folder: sidecars).make(recording.path)
        let path = try #require(Repository.files(in: sidecars).first)
        let intact = try #require(Repository.bytes(of: path))
        let from = TestRecording.time(100).wallNanoseconds
        let expected = try lines(recording.path, from: from, sidecars: sidecars)
        let without = try lines(recording.path, from: from)
        for offset in stride(from: 0, to: intact.count, by: 131) {
            var bytes = intact
            bytes[offset] ^= 0x40
            try write(bytes, to: path)
            let told = try lines(recording.path, from: from, sidecars: sidecars)
            #expect(told == expected || told == without, "byte \(offset)")
        }
        for count in stride(from: 0, to: intact.count, by: 411) {
            try write(Array(intact.prefix(count)), to: path)
            #expect(try lines(recording.path, from: from, sidecars: sidecars) == without)
        }
    }
}
