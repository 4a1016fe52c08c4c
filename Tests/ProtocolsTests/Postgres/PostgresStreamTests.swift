import Protocols
import Testing
import WireTestKit

private typealias Entry = WireTrace<PostgresMessage>.Entry

private let small: WireLimits = {
    var limits = WireLimits()
    limits.wholeBytes = 40
    limits.statementBytes = 60
    limits.messageBytes = 1 << 20
    return limits
}()

private let start = UInt64(Bytes.startup.count)

@Suite struct PostgresLongMessageTests {
    @Test(arguments: [("d", 40), ("Q", 60)] as [(Character, Int)])
    func `a message's length alone decides whether it comes whole`(_ tag: Character, _ bound: Int) throws {
        func bytes(_ total: Int) -> [UInt8] { message(tag, [UInt8](repeating: 0x61, count: total - 6), [0]) }
        let whole = trace(Bytes.login + [client(bytes(bound))], limits: small)
        guard case .message(_, start, bound)? = whole.client.last else {
            Issue.record("not whole: \(whole)")
            return
        }
        let type = try #require(PostgresFrontendTag(rawValue: tag.asciiValue!))
        let long = trace(Bytes.login + [client(bytes(bound + 1), message("S"))], limits: small)
        #expect(
            long.client.dropFirst() == [
                .head(.longRequest(type), offset: start, body: UInt64(bound - 4)),
                .body(offset: start + 5, length: bound - 4, isLast: true),
                .message(.sync, offset: start + UInt64(bound) + 1, length: 5),
            ])
    }

    @Test func `long rows pass through in pieces, and the next message is found behind them`() {
        let row = message("D", int16(1), value(String(repeating: "x", count: 100)))
        let trace = trace(Bytes.login + [server(row, Bytes.ready)], limits: small)
        #expect(
            trace.server.dropFirst() == [
                .head(.longResponse(.dataRow), offset: 9, body: UInt64(row.count - 5)),
                .body(offset: 14, length: row.count - 5, isLast: true),
                .message(.readyForQuery(.idle), offset: 9 + UInt64(row.count), length: 6),
            ])
    }

    @Test func `the head comes with its five bytes, before any of the body`() throws {
        var decoder = PostgresDecoder(limits: small)
        let startup = Bytes.startup
        let authenticationOk = Bytes.authenticationOk
        _ = try decoder.step(startup.span, .clientToServer)
        _ = try decoder.step(authenticationOk.span, .serverToClient)
        let head = [UInt8(ascii: "D")] + int32(1000)
        guard case .head(.longResponse(.dataRow), 5, 996) = try decoder.step(head.span, .serverToClient) else {
            Issue.record("no head")
            return
        }
        #expect(decoder.snapshot() == nil)
    }
}

@Suite struct PostgresGapTests {
    private static let query = message("Q", text("SELECT 1"))

    @Test func `behind a hole, a whole well-formed message is where reading goes on`() {
        let trace = trace(
            Bytes.login + [client(Array(Self.query.prefix(7))), .gap(6, .clientToServer), client(Self.query)])
        #expect(trace.fault == nil)
        #expect(trace.client.last == .message(.query(sql: 5..<13), offset: start + 13, length: Self.query.count))
    }

    @Test func `behind a hole, anything else is opaque; the other direction goes on`() {
        let turns: [WireTurn] =
            Bytes.login + [.gap(100, .serverToClient), server(Array("ext of a row".utf8)), server(Bytes.ready)]
        let trace = trace(turns + [client(Self.query)])
        #expect(trace.fault == nil)
        #expect(trace.server.dropFirst().first == .opaque(.unsupported, offset: 109))
        #expect(trace.messages(.clientToServer).last == .query(sql: 5..<13))
    }

    @Test func `a hole inside a long message's body is counted, and the message behind it is found`() {
        let row = message("D", int16(1), value(String(repeating: "x", count: 100)))
        let trace = trace(
            Bytes.login + [
                server(Array(row.prefix(20))), .gap(30, .serverToClient), server(Array(row.dropFirst(50))),
                server(Bytes.ready),
            ], limits: small)
        #expect(trace.server.last == .message(.readyForQuery(.idle), offset: 9 + UInt64(row.count), length: 6))
        #expect(trace.fault == nil)
    }

    @Test func `a hole in the handshake leaves a session that is read where messages are found`() {
        let trace = trace([
            .gap(300, .clientToServer), .gap(400, .serverToClient), client(Self.query), server(Bytes.ready),
        ])
        #expect(trace.messages(.clientToServer) == [.query(sql: 5..<13)])
        #expect(trace.messages(.serverToClient) == [.readyForQuery(.idle)])
    }

    @Test func `TLS behind a hole is called TLS`() {
        let trace = trace([.gap(300, .clientToServer), client([0x17, 3, 3, 0, 1, 0])])
        #expect(trace.client.first == .opaque(.tls, offset: 300))
    }
}

@Suite struct PostgresMidstreamTests {
    private static let turns = [
        client(message("P", text(""), text("SELECT 1"), int16(0)), message("S")),
        server(message("1"), Bytes.ready),
    ]

    @Test func `a capture may begin within a session, from either side`() {
        let forwards = trace(Self.turns, start: .anywhere)
        #expect(forwards.fault == nil)
        #expect(forwards.messages(.clientToServer).last == .sync)
        #expect(forwards.messages(.serverToClient) == [.parseComplete, .readyForQuery(.idle)])
        #expect(trace(Self.turns.reversed(), start: .anywhere) == forwards)
    }

    @Test func `a connection may not: the gateway reads from the first byte`() {
        #expect(trace(Self.turns).fault?.offset == 0)
    }

    @Test func `a capture that begins within the login is read, with responses as bytes`() {
        let trace = trace(
            [client(message("p", [1, 2, 3])), server(Bytes.authenticationOk, Bytes.ready)], start: .anywhere)
        #expect(trace.messages(.clientToServer) == [.saslResponse(5..<8)])
        #expect(trace.messages(.serverToClient) == [.authentication(.ok), .readyForQuery(.idle)])
    }

    @Test func `a handshake that has begun goes on as one`() {
        let turns = [client(Bytes.sslRequest), server([UInt8(ascii: "S")]), client(message("S"))]
        #expect(trace(turns, start: .anywhere).fault?.offset == 8)
    }

    @Test func `a capture with its handshake is read as ever`() {
        #expect(trace(Bytes.login, start: .anywhere) == trace(Bytes.login))
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "PUT / HTTP/1.1\r\n", "HEAD / HTTP/1.1\r\n", "SSH-2.0-x\r\n",
    ])
    func `another protocol is no session`(_ words: String) {
        #expect(trace([client(Array(words.utf8))], start: .anywhere).fault?.direction == .clientToServer)
    }

    @Test func `TLS records without handshake are opaque`() {
        #expect(trace([client([0x17, 3, 3, 0])], start: .anywhere).client.first == .opaque(.tls, offset: 0))
    }
}

@Suite struct PostgresSnapshotTests {
    @Test func `a decoder goes on from its snapshot at every message as if it had never stopped`() throws {
        let sasl = PostgresEncoding.authenticationSASL(mechanisms: ["SCRAM-SHA-256"])
        let first = PostgresEncoding.saslInitialResponse(mechanism: "SCRAM-SHA-256", data: [1])
        let turns: [([UInt8], Direction)] = [
            (Bytes.sslRequest, .clientToServer), ([0x53], .serverToClient), (Bytes.startup, .clientToServer),
            (sasl, .serverToClient), (first, .clientToServer),
            (PostgresEncoding.authenticationSASLContinue([2]), .serverToClient),
            (PostgresEncoding.saslResponse([3]), .clientToServer),
            (PostgresEncoding.authenticationOk(), .serverToClient), (Bytes.ready, .serverToClient),
            (message("S"), .clientToServer),
        ]
        for start in [PostgresDecoder.Start.connection, .anywhere] {
            var straight = PostgresDecoder(limits: WireLimits(), start: start)
            var resumed = straight
            for (bytes, direction) in turns {
                guard case .message(let expected, _) = try straight.step(bytes.span, direction),
                    case .message(let message, _) = try resumed.step(bytes.span, direction)
                else {
                    Issue.record("no message in \(bytes)")
                    return
                }
                #expect(message == expected)
                let snapshot = try #require(resumed.snapshot())
                let next = PostgresDecoder(snapshot: snapshot.span, limits: WireLimits())
                resumed = try #require(next)
                #expect(resumed.snapshot() == snapshot)
            }
        }
    }

    @Test func `bytes that are no snapshot are refused`() {
        let good = PostgresDecoder(limits: WireLimits()).snapshot() ?? []
        for index in good.indices {
            var bad = good
            bad[index] = 200
            let decoder = PostgresDecoder(snapshot: bad.span, limits: WireLimits())
            #expect(decoder == nil)
        }
        let none: [UInt8] = []
        let decoder = PostgresDecoder(snapshot: none.span, limits: WireLimits())
        #expect(decoder == nil)
    }
}
