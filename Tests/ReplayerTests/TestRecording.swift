import Adapters
import Protocols
import Recorder
import WireTestKit

/// Writes recordings for tests: what each record holds is told, the rest follows.
final class TestRecording {
    /// 2026-11-21T04:00:00Z.
    static let wall: Int64 = 1_795_233_600_000_000_000

    let writer: RecordingWriter
    private var planner: SegmentPlanner
    private var encoder = RecordingSegmentEncoder()
    private var raw: [UInt8] = []
    private var sequence: UInt64 = 0

    var path: String { writer.path }

    /// A record's time: each is a millisecond after the one before.
    static func time(_ sequence: UInt64) -> Timestamp {
        Timestamp(
            monotonicNanoseconds: sequence * 1_000_000, wallNanoseconds: wall + Int64(sequence) * 1_000_000)
    }

    /// - Parameter change: makes START and IDENTITY say something else.
    init(
        in folder: String, number: UInt8 = 1, change: (inout StartFacts, inout Identity) -> Void = { _, _ in }
    ) throws {
        let id = RecordingID(wallNanoseconds: Self.wall, random: [UInt8](repeating: number, count: 10))
        writer = try RecordingWriter(create: id, in: RecordingsFolder(folder), at: Self.wall)
        planner = writer.resumed
        var start = StartFacts(
            protocolID: .postgres, client: "127.0.0.1:50000", listener: "127.0.0.1:6432", target: "orders",
            software: "wiretrail test", sessionNumber: UInt64(number),
            previousLedgerHash: [UInt8](repeating: 0, count: 32))
        var alice = Identity(subject: "alice", method: "peer-uid", facts: ["uid": "1000"])
        change(&start, &alice)
        add(.start, nil, start.encoded())
        add(.identity, nil, IdentityFacts(alice).encoded())
    }

    /// - Parameter gateway: the gateway-wide sequence, which time goes by; the recording's own by default.
    func add(_ type: RecordType, _ direction: Direction?, _ payload: [UInt8], gateway: UInt64? = nil) {
        sequence += 1
        let header = RecordHeader(
            type, direction: direction, sequence: sequence, gatewaySequence: gateway ?? sequence,
            time: Self.time(gateway ?? sequence))
        Record(header, payload: payload).write(into: &raw)
    }

    func add(_ turns: [WireTurn]) {
        for turn in turns {
            switch turn {
            case .bytes(let bytes, let direction): add(.data, direction, bytes)
            case .gap(let length, let direction):
                add(.gap, direction, GapFacts(length: length, reason: "test").encoded())
            }
        }
    }

    /// The records so far become a segment.
    func cut() throws {
        let bytes = raw
        try writer.append(encoder.encode(bytes.span, try planner.plan(bytes.span)))
        raw = []
    }

    func seal() throws {
        if !raw.isEmpty { try cut() }
        let key = GatewayKey(Ed25519.PrivateKey(seed: [UInt8](repeating: 7, count: 32))!)
        _ = try writer.seal(.closed, sessionNumber: 1, key: key)
    }
}

/// A psql session: each string is a simple query that the server answers with one row of one column.
enum Conversation {
    static func login(user: String) -> [WireTurn] {
        [
            .bytes(packet([0, 3, 0, 0] + text("user") + text(user) + [0]), .clientToServer),
            .bytes(message("R", [0, 0, 0, 0]) + ready, .serverToClient),
        ]
    }

    static func query(_ sql: String, answer: String) -> [WireTurn] {
        let column = text("c") + [0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]
        let value = [UInt8](answer.utf8)
        return [
            .bytes(message("Q", text(sql)), .clientToServer),
            .bytes(
                message("T", [0, 1] + column) + message("D", [0, 1] + length(value.count) + value)
                    + message("C", text("SELECT 1")) + ready, .serverToClient),
        ]
    }

    /// A simple query that returns no rows.
    static func query(_ sql: String, tag: String, status: Character) -> [WireTurn] {
        [
            .bytes(message("Q", text(sql)), .clientToServer),
            .bytes(message("C", text(tag)) + message("Z", [status.asciiValue!]), .serverToClient),
        ]
    }

    /// Parse and Describe of a named statement with one text parameter.
    static func prepare(_ name: String, _ sql: String) -> [WireTurn] {
        let column = text("c") + [0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]
        return [
            .bytes(
                message("P", text(name) + text(sql) + [0, 0]) + message("D", [UInt8(ascii: "S")] + text(name))
                    + message("S", []), .clientToServer),
            .bytes(
                message("1", []) + message("t", [0, 1, 0, 0, 0, 25]) + message("T", [0, 1] + column) + ready,
                .serverToClient),
        ]
    }

    /// Bind and Execute of a prepared statement, within a transaction.
    static func execute(_ name: String, parameter: String) -> [WireTurn] {
        let value = Array(parameter.utf8)
        return [
            .bytes(
                message("B", [0] + text(name) + [0, 0, 0, 1] + length(value.count) + value + [0, 0])
                    + message("E", [0, 0, 0, 0, 0]) + message("S", []), .clientToServer),
            .bytes(
                message("2", []) + message("D", [0, 1] + length(value.count) + value)
                    + message("C", text("SELECT 1")) + message("Z", [UInt8(ascii: "T")]), .serverToClient),
        ]
    }

    /// COPY FROM STDIN in text format, in one message of data.
    static func copy(_ sql: String, data: String) -> [WireTurn] {
        [
            .bytes(message("Q", text(sql)), .clientToServer),
            .bytes(message("G", [0, 0, 1, 0, 0]), .serverToClient),
            .bytes(message("d", Array(data.utf8)) + message("c", []), .clientToServer),
            .bytes(message("C", text("COPY 1")) + ready, .serverToClient),
        ]
    }

    static let terminate: WireTurn = .bytes(message("X", []), .clientToServer)
    static let ready = message("Z", [UInt8(ascii: "I")])

    static func message(_ tag: Character, _ content: [UInt8]) -> [UInt8] {
        [tag.asciiValue!] + length(content.count + 4) + content
    }

    static func packet(_ content: [UInt8]) -> [UInt8] { length(content.count + 4) + content }

    static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    private static func length(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
