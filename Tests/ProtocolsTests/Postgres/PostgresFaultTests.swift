import Protocols
import Testing
import WireTestKit

/// Bytes that break the protocol: who is at fault, how, and at which byte of the stream.
struct Broken: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let turns: [WireTurn]
    let code: WireFault.Code
    let direction: Direction
    let offset: Int

    init(_ name: String, _ turns: [WireTurn], _ code: WireFault.Code, _ direction: Direction, at offset: Int) {
        testDescription = name
        self.turns = turns
        self.code = code
        self.direction = direction
        self.offset = offset
    }
}

private let start = Bytes.startup.count
private let first = [client(Bytes.startup)]

private let beforeTheSession: [Broken] = [
    .init("HTTP on port 5432", [client(Array("GET / HTTP/1.1\r\n".utf8))], .malformed, .clientToServer, at: 0),
    .init("an SSH banner", [client(Array("SSH-2.0-OpenSSH\r\n".utf8))], .malformed, .clientToServer, at: 0),
    .init("a startup packet of 7 bytes", [client(int32(7), int32(0x30000))], .malformed, .clientToServer, at: 0),
    .init("a startup packet of 10,001 bytes", [client(int32(10_001))], .limitExceeded, .clientToServer, at: 0),
    .init("protocol 2", [client(packet(int32(0x20000), [0]))], .unexpectedMessage, .clientToServer, at: 4),
    .init("a startup packet without end", [client(packet(int32(0x30000)))], .malformed, .clientToServer, at: 8),
    .init(
        "a parameter without value", [client(packet(int32(0x30000), text("user"), [0x61]))], .malformed,
        .clientToServer, at: 8),
    .init(
        "bytes after the last zero", [client(packet(int32(0x30000), [0, 0]))], .malformed, .clientToServer, at: 8),
    .init("an SSLRequest of 9 bytes", [client(packet(int32(80_877_103), [0]))], .malformed, .clientToServer, at: 0),
    .init(
        "a second SSLRequest", [client(Bytes.sslRequest), server([0x4E]), client(Bytes.sslRequest)], .malformed,
        .clientToServer, at: 8),
    .init(
        "a cancel key of 3 bytes", [client(packet(int32(80_877_102), int32(1), [1, 2, 3]))], .malformed,
        .clientToServer, at: 0),
    .init(
        "a cancel key of 257 bytes",
        [client(packet(int32(80_877_102), int32(1), [UInt8](repeating: 1, count: 257)))], .malformed,
        .clientToServer, at: 0),
    .init("G in reply to SSLRequest", [client(Bytes.sslRequest), server([0x47])], .malformed, .serverToClient, at: 0),
    .init(
        "S in reply to GSSENCRequest", [client(Bytes.gssRequest), server([0x53])], .malformed, .serverToClient, at: 0),
    .init("HTTP in reply", [client(Bytes.sslRequest), server(Array("HTTP".utf8))], .malformed, .serverToClient, at: 0),
]

private let duringLogin: [Broken] = [
    .init("HTTP in answer", first + [server(Array("HTTP/1.1".utf8))], .unexpectedMessage, .serverToClient, at: 0),
    .init(
        "a row before the login", first + [server(message("D", int16(0)))], .unexpectedMessage, .serverToClient, at: 0),
    .init("an unknown request", first + [server(message("R", int32(99)))], .malformed, .serverToClient, at: 5),
    .init("a request without code", first + [server(message("R"))], .malformed, .serverToClient, at: 5),
    .init("MD5 without salt", first + [server(message("R", int32(5)))], .malformed, .serverToClient, at: 5),
    .init("no mechanism", first + [server(message("R", int32(10), [0]))], .malformed, .serverToClient, at: 9),
    .init(
        "a request above the limit", first + [server([0x52] + int32(65_536))], .limitExceeded, .serverToClient, at: 1),
    .init(
        "a response above the limit", first + [server(message("R", int32(3))), client([0x70] + int32(65_536))],
        .limitExceeded, .clientToServer, at: start + 1),
    .init("an unknown type", first + [client([0x7A])], .malformed, .clientToServer, at: start),
    .init(
        "a SASL response of a wrong length",
        first + [server(message("R", int32(10), text("X"), [0])), client(message("p", text("X"), int32(2), [1]))],
        .malformed, .clientToServer, at: start + 7),
]

private let duringTheSession: [Broken] = [
    .init("an unknown request", Bytes.login + [client([0x7A])], .malformed, .clientToServer, at: start),
    .init("an unknown answer", Bytes.login + [server([0x7A])], .malformed, .serverToClient, at: 9),
    .init("a length of 3", Bytes.login + [client([0x51] + int32(3))], .malformed, .clientToServer, at: start + 1),
    .init("a negative length", Bytes.login + [server([0x44] + int32(-1))], .limitExceeded, .serverToClient, at: 10),
    .init(
        "a message of 1 GiB", Bytes.login + [server([0x44] + int32(1 << 30))], .limitExceeded, .serverToClient, at: 10),
    .init(
        "an endless Describe", Bytes.login + [client([0x44] + int32(10_001))], .limitExceeded, .clientToServer,
        at: start + 1),
    .init("an endless status", Bytes.login + [server([0x53] + int32(30_001))], .limitExceeded, .serverToClient, at: 10),
    .init("a password", Bytes.login + [client(message("p", [0]))], .unexpectedMessage, .clientToServer, at: start),
    .init("a second login", Bytes.login + [server(Bytes.authenticationOk)], .unexpectedMessage, .serverToClient, at: 9),
    .init("a Sync with content", Bytes.login + [client(message("S", [0]))], .malformed, .clientToServer, at: start + 1),
    .init("SQL without end", Bytes.login + [client(message("Q", [0x61]))], .malformed, .clientToServer, at: start + 5),
    .init(
        "SQL that ends twice", Bytes.login + [client(message("Q", text("a"), text("b")))], .malformed,
        .clientToServer, at: start + 5),
    .init("an unknown status", Bytes.login + [server(message("Z", [0x58]))], .malformed, .serverToClient, at: 14),
    .init(
        "a Describe of nothing", Bytes.login + [client(message("D", [0x58, 0]))], .malformed, .clientToServer,
        at: start + 5),
    .init(
        "a row of too many values", Bytes.login + [server(message("D", int16(2), value("a")))], .malformed,
        .serverToClient, at: 14),
    .init(
        "fields without end", Bytes.login + [server(message("E", [0x4D], text("x")))], .malformed, .serverToClient,
        at: 17),
]

@Suite struct PostgresFaultTests {
    @Test(arguments: beforeTheSession + duringLogin + duringTheSession)
    func `a broken protocol is a fault that names the peer and the byte, however it was cut`(_ broken: Broken) {
        let fault = trace(broken.turns).fault
        #expect(fault?.code == broken.code)
        #expect(fault?.direction == broken.direction)
        #expect(fault?.offset == UInt64(broken.offset))
    }

    @Test func `a decoder that has thrown throws the same fault at every later call`() throws {
        var decoder = PostgresDecoder(limits: WireLimits())
        let http = Array("GET / HTTP/1.1".utf8)
        let startup = Bytes.startup
        let ready = Bytes.ready
        let first = #expect(throws: WireFault.self) { try decoder.step(http.span, .clientToServer) }
        let fault = try #require(first)
        #expect(throws: fault) { try decoder.step(startup.span, .clientToServer) }
        #expect(throws: fault) { try decoder.step(ready.span, .serverToClient) }
        #expect(throws: fault) { try decoder.gap(1, .serverToClient) }
        #expect(throws: fault) { try decoder.end(.clientToServer) }
        #expect(decoder.snapshot() == nil)
    }

    @Test func `values and columns that lie are faults of the reader, with their offset`() throws {
        let row = message("D", int16(1), int32(9), [1])
        let trace = trace(Bytes.login + [server(row)])
        guard case .dataRow(let read)? = trace.messages(.serverToClient).last else {
            Issue.record("no row")
            return
        }
        var values = read.values
        let fault = #expect(throws: WireFault.self) { try values.next(in: row.span) }
        #expect(fault?.offset == 7)
    }
}
