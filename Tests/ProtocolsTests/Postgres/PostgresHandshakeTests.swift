import Protocols
import Testing
import WireTestKit

private typealias Entry = WireTrace<PostgresMessage>.Entry

/// The trace under every chunking; they must all agree.
func trace(
    _ turns: [WireTurn], limits: WireLimits = WireLimits(), start: PostgresDecoder.Start = .connection
) -> WireTrace<PostgresMessage> {
    let decoder = PostgresDecoder(limits: limits, start: start)
    let whole = WireTrace(decoder, limits: limits, turns: turns, .whole)
    for chunking in Chunking.all {
        let cut = WireTrace(decoder, limits: limits, turns: turns, chunking)
        #expect(cut == whole, "cut: \(chunking)")
    }
    return whole
}

@Suite struct PostgresHandshakeTests {
    private static let sslRequest = Entry.message(.sslRequest, offset: 0, length: 8)

    @Test func `a startup packet tells version, parameters and protocol options`() throws {
        let packet = packet(
            int32(0x30002), text("user"), text("alice"), text("database"), text(""), text("_pq_.x"), text("1"), [0])
        let trace = trace([client(packet)])
        #expect(trace.fault == nil)
        guard case .startup(let startup)? = trace.messages(.clientToServer).first else {
            Issue.record("no startup")
            return
        }
        #expect(startup.version == .v3_2)
        #expect(startup.version.description == "3.2")
        var reader = startup.parameters
        var pairs: [String] = []
        while let pair = reader.next(in: packet.span) {
            pairs.append("\(string(pair.name, packet.span))=\(string(pair.value, packet.span))")
        }
        #expect(pairs == ["user=alice", "database=", "_pq_.x=1"])
    }

    @Test func `after S, a TLS handshake makes both directions opaque`() {
        let trace = trace([
            client(Bytes.sslRequest), server([UInt8(ascii: "S")]), client([0x16, 3, 1, 0, 5]), server([0x16, 3, 3]),
        ])
        #expect(trace.fault == nil)
        #expect(
            trace.client == [
                Self.sslRequest, .opaque(.tls, offset: 8), .body(offset: 8, length: 5, isLast: false),
            ])
        #expect(
            trace.server == [
                .message(.encryptionReply(.sslAccepted), offset: 0, length: 1),
                .opaque(.tls, offset: 1), .body(offset: 1, length: 3, isLast: false),
            ])
    }

    @Test func `after S, a startup packet is read: the recording was made inside TLS`() {
        let trace = trace([
            client(Bytes.sslRequest), server([UInt8(ascii: "S")]), client(Bytes.startup),
            server(Bytes.authenticationOk, Bytes.ready),
        ])
        #expect(trace.fault == nil)
        #expect(trace.client.count == 2)
        #expect(trace.messages(.serverToClient).last == .readyForQuery(.idle))
    }

    @Test func `after N, the client goes on in the clear`() {
        let trace = trace([
            client(Bytes.gssRequest), server([UInt8(ascii: "N")]), client(Bytes.sslRequest),
            server([UInt8(ascii: "N")]), client(Bytes.startup), server(Bytes.authenticationOk),
        ])
        #expect(trace.fault == nil)
        #expect(trace.messages(.clientToServer).prefix(2) == [.gssEncryptionRequest, .sslRequest])
        #expect(
            trace.messages(.serverToClient) == [
                .encryptionReply(.refused), .encryptionReply(.refused), .authentication(.ok),
            ])
    }

    @Test func `after G, GSS packets are encrypted, and a startup packet is read`() {
        let encrypted = trace([
            client(Bytes.gssRequest), server([UInt8(ascii: "G")]), client(packet([0x60, 0x82, 2, 1, 6])),
            server([1, 2, 3]),
        ])
        #expect(encrypted.client.contains(.opaque(.encrypted, offset: 8)))
        #expect(encrypted.server.contains(.opaque(.encrypted, offset: 1)))
        let inside = trace([
            client(Bytes.gssRequest), server([UInt8(ascii: "G")]), client(Bytes.startup),
            server(Bytes.authenticationOk),
        ])
        #expect(inside.messages(.serverToClient).last == .authentication(.ok))
    }

    @Test func `direct TLS is opaque from the first byte`() {
        let trace = trace([client([0x16, 3, 1, 2, 0]), server([0x16, 3, 3])])
        #expect(trace.client.first == .opaque(.tls, offset: 0))
        #expect(trace.server.first == .opaque(.tls, offset: 0))
    }

    @Test func `what follows an encryption request waits for the server's byte`() {
        let ahead = trace([client(Bytes.sslRequest, Bytes.startup)])
        #expect(ahead.client == [Self.sslRequest])
        let answered = trace([client(Bytes.sslRequest, Bytes.startup), server([UInt8(ascii: "N")])])
        #expect(answered.messages(.clientToServer).count == 2)
    }

    @Test func `an ancient server's error text stands in place of the reply`() {
        let trace = trace([client(Bytes.sslRequest), server(Array("Ecould not fork\n".utf8) + [0])])
        #expect(trace.messages(.serverToClient) == [.encryptionReply(.failed(text: 1..<16))])
    }

    @Test func `an ErrorResponse may stand in place of the reply`() {
        let error = PostgresEncoding.errorResponse(.init(severity: "FATAL", code: "53300", message: "full"))
        let trace = trace([client(Bytes.sslRequest), server(error)])
        guard case .errorResponse? = trace.messages(.serverToClient).first else {
            Issue.record("no error: \(trace)")
            return
        }
    }

    @Test(arguments: [4, 32, 256])
    func `a cancel key has 4 to 256 bytes, and nothing follows it`(_ length: Int) {
        let key = [UInt8](repeating: 7, count: length)
        let request = packet(int32(80_877_102), int32(99), key)
        #expect(request == PostgresEncoding.cancelRequest(processID: 99, key: key))
        let cancelled = trace([client(request)])
        guard case .cancelRequest(let cancel)? = cancelled.messages(.clientToServer).first else {
            Issue.record("no cancel request")
            return
        }
        #expect(cancel.processID == 99)
        #expect(cancel.key == 12..<(12 + length))
        let followed = trace([client(request + [0])])
        #expect(followed.fault?.code == .unexpectedMessage)
        #expect(followed.fault?.offset == UInt64(request.count))
    }

    @Test func `a server may negotiate the version down and name the options it does not know`() {
        let negotiation = PostgresEncoding.negotiateProtocolVersion(.v3_0, options: [Array("_pq_.x".utf8)])
        #expect(negotiation == message("v", int32(0x30000), int32(1), text("_pq_.x")))
        let trace = trace([client(Bytes.startup), server(negotiation, Bytes.authenticationOk)])
        guard case .negotiateProtocolVersion(let read)? = trace.messages(.serverToClient).first else {
            Issue.record("no negotiation")
            return
        }
        #expect(read.version == .v3_0)
        var options = read.options
        #expect(options.next(in: negotiation.span).map { string($0, negotiation.span) } == "_pq_.x")
        #expect(options.next(in: negotiation.span) == nil)
    }
}
