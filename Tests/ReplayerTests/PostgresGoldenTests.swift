import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

private let captures = Repository.files(in: Repository.root + "/fixtures/postgres", endingIn: ".pcap")

/// The timelines of our captures, as an auditor reads them. WIRETRAIL_WRITE_GOLDEN=1 writes them anew, for a person to check.
@Suite struct PostgresGoldenTests {
    @Test(arguments: captures)
    func `a capture is told as its golden text says, however it is cut`(_ path: String) async throws {
        let conversations = try await Capture(path: path, serverPorts: ["5432"]).conversations()
        let golden = path.dropLast(".pcap".count) + ".timeline"
        let whole = text(conversations, .whole)
        if environment("WIRETRAIL_WRITE_GOLDEN") != nil { try write(whole, to: String(golden)) }
        #expect(read(String(golden)) == whole)
        for chunking in Chunking.all { #expect(text(conversations, chunking) == whole, "\(chunking)") }
    }

    private func text(_ conversations: [[WireTurn]], _ chunking: Chunking) -> String {
        var output: [UInt8] = []
        let renderer = TextTimeline(showsRows: true)
        for turns in conversations {
            for event in events(turns, chunking) { renderer.event(event, into: &output) }
            output.append(UInt8(ascii: "\n"))
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Each turn is a record, a millisecond after the one before.
    private func events(_ turns: [WireTurn], _ chunking: Chunking) -> [TimelineEvent] {
        var builder = PostgresTimeline(limits: WireLimits())
        var time = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 1_795_233_600_000_000_000)
        for turn in turns {
            time.monotonicNanoseconds += 1_000_000
            time.wallNanoseconds += 1_000_000
            switch turn {
            case .gap(let length, let direction): builder.gap(length, direction, stream: 0, at: time)
            case .bytes(let bytes, let direction):
                for piece in chunking.pieces(of: bytes.count) {
                    builder.data(bytes.span.extracting(piece), direction, stream: 0, at: time)
                }
            }
        }
        builder.finish(at: time)
        return builder.drain()
    }
}
