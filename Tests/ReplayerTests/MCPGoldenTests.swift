import Adapters
import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

private let captures = Repository.files(in: Repository.root + "/fixtures/mcp", endingIn: ".pcap")

/// MCP sessions of real clients and servers, as an auditor reads them: each connection for itself, and all as one session.
/// WIRETRAIL_WRITE_GOLDEN=1 writes the texts anew, for a person to check.
@Suite struct MCPGoldenTests {
    @Test(arguments: captures)
    func `a session is told as its golden text says, however it is cut`(_ path: String) async throws {
        let session = try await CapturedSession(path: path)
        let golden = path.dropLast(".pcap".count) + ".timeline"
        let whole = text(session, .whole)
        if environment("WIRETRAIL_WRITE_GOLDEN") != nil { try write(whole, to: String(golden)) }
        #expect(read(String(golden)) == whole)
        for chunking in Chunking.all { #expect(text(session, chunking) == whole, "\(chunking)") }
    }

    private func text(_ session: CapturedSession, _ chunking: Chunking) -> String {
        var output: [UInt8] = []
        let renderer = TextTimeline(showsRows: false)
        for event in together(session, chunking) { renderer.event(event, into: &output) }
        for connection in session.connections {
            output.append(contentsOf: "\nconnection \(connection) alone\n".utf8)
            for event in alone(session.turns(of: connection), chunking) { renderer.event(event, into: &output) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Each turn is a record, a millisecond after the one before.
    private func together(_ session: CapturedSession, _ chunking: Chunking) -> [TimelineEvent] {
        var builder = HTTPSessionTimeline<TimelineAdapters>(limits: WireLimits())
        var time = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 1_795_233_600_000_000_000)
        for turn in session.turns {
            time.advance()
            for piece in chunking.pieces(of: turn.bytes.count) {
                builder.data(
                    turn.bytes.span.extracting(piece), turn.direction, connection: turn.connection, at: time)
            }
        }
        builder.finish(at: time)
        return builder.drain()
    }

    private func alone(_ turns: [WireTurn], _ chunking: Chunking) -> [TimelineEvent] {
        var builder = HTTPTimeline<TimelineAdapters>(limits: WireLimits())
        var time = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 1_795_233_600_000_000_000)
        for case .bytes(let bytes, let direction) in turns {
            time.advance()
            for piece in chunking.pieces(of: bytes.count) {
                builder.data(bytes.span.extracting(piece), direction, stream: 0, at: time)
            }
        }
        builder.finish(at: time)
        return builder.drain()
    }
}

extension Timestamp {
    fileprivate mutating func advance() {
        monotonicNanoseconds += 1_000_000
        wallNanoseconds += 1_000_000
    }
}
