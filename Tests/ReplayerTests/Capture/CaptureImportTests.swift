import Adapters
import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

@Suite struct CaptureImportTests {
    private let scratch = ScratchFolder()

    private func timeline(_ path: String) throws -> [JSON] {
        var output: [UInt8] = []
        try TimelineQuery(path, format: .jsonLines).run { bytes in
            output.append(bytes)
            return true
        }
        return try output.split(separator: UInt8(ascii: "\n")).map { try JSON.parse(Array($0).span) }
    }

    @Test func `an imported connection is told as it is decoded, names its capture, and verifies`() async throws {
        let capture = Repository.root + "/fixtures/postgres/cancel.pcap"
        let importer = CaptureImporter(state: scratch.path + "/state", recordings: scratch.path + "/recordings")
        let outcome = try importer.run(capture)
        #expect(outcome.recordings.count == 2)
        let file = try #require(Repository.bytes(of: capture))
        let digest = SHA256.hash(file.span)
        #expect(outcome.sha256 == digest)
        let paths = try RecordingsFolder.recordings(below: scratch.path + "/recordings")
        for (flow, path) in paths.enumerated() {
            var filter = DecodeFilter()
            filter.flows = [UInt64(flow)]
            let lines = try await decoded(capture, filter: filter).lines
            let told = try timeline(path)
            let expected = lines.compactMap { $0["title"]?.string }
            #expect(told.compactMap { $0["title"]?.string } == expected + ["ended: nothing more of it was captured"])
            #expect(told.first?["imported"]?["file"] == "cancel.pcap")
            #expect(told.first?["imported"]?["flow"] == .unsigned(UInt64(flow)))
            #expect(told.first?["imported"]?["sha256"] == .string(Hex.encode(outcome.sha256)))
            #expect(told.last?["state"] == "closed")
        }
    }
}
