import Protocols
import Testing
import WireTestKit

@Suite struct HTTP2DecoderTests {
    private static func trace(_ turns: [WireTurn], _ chunking: Chunking = .whole) -> WireTrace<HTTP2Message> {
        WireTrace(HTTP2Decoder(limits: WireLimits()), turns: turns, chunking)
    }

    @Test(arguments: Chunking.all)
    func `every frame is read, however it is cut`(_ chunking: Chunking) throws {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let padded = HTTP2Bytes.frame(0, 9, stream: 1, [3] + Array("hello".utf8) + [0, 0, 0])
        let turns: [WireTurn] = [
            .bytes(
                HTTP2Bytes.preface + HTTP2Bytes.settings([(1, 8192), (0xfe03, 1)])
                    + client.get("/", stream: 1, ends: false, frames: 3) + padded, .clientToServer),
            .bytes(
                HTTP2Bytes.settings() + HTTP2Bytes.frame(4, 1) + HTTP2Bytes.frame(6, 0, [1, 2, 3, 4, 5, 6, 7, 8])
                    + server.headers([(":status", "200")], stream: 1) + HTTP2Bytes.data("bye", stream: 1, ends: true)
                    + HTTP2Bytes.frame(8, 0, [0, 0, 1, 0]) + HTTP2Bytes.frame(2, stream: 1, [0, 0, 0, 0, 16])
                    + HTTP2Bytes.reset(stream: 1, 8) + HTTP2Bytes.goAway(last: 1, 0, "done")
                    + HTTP2Bytes.frame(0x2a, stream: 3, [1, 2]), .serverToClient),
        ]
        let trace = Self.trace(turns, chunking)
        #expect(trace.fault == nil)
        #expect(trace == Self.trace(turns))
        let client0 = trace.messages(.clientToServer)
        #expect(client0.first == .preface)
        #expect(
            client0.dropFirst().first
                == .settings([.init(identifier: 1, value: 8192), .init(identifier: 0xfe03, value: 1)]))
        guard case .headers(let headers) = client0[2] else { Issue.record("\(client0[2])"); return }
        #expect(headers.block.continuations == 2)
        #expect(headers.fields.map(\.text).contains(":path: /"))
        #expect(client0.last == .padding(stream: 1))
        #expect(trace.client.contains(.body(offset: trace.bodyOffset, length: 5, isLast: true)))
        let kinds = trace.server.count
        #expect(kinds == 12)
    }

    struct Offence: Sendable, CustomTestStringConvertible {
        let what: String
        let bytes: [UInt8]
        let code: WireFault.Code
        var testDescription: String { what }
    }

    private static func headers(_ flags: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        HTTP2Bytes.frame(1, flags, stream: 1, payload)
    }

    @Test(arguments: [
        Offence(what: "DATA on no stream", bytes: HTTP2Bytes.data("x", stream: 0), code: .malformed),
        Offence(what: "HEADERS on no stream", bytes: HTTP2Bytes.frame(1, 4), code: .malformed),
        Offence(what: "a SETTINGS frame cut short", bytes: HTTP2Bytes.frame(4, 0, [0, 1, 0]), code: .malformed),
        Offence(
            what: "an acknowledgement with content", bytes: HTTP2Bytes.frame(4, 1, [0, 1, 0, 0, 0, 0]), code: .malformed
        ),
        Offence(what: "a short PING", bytes: HTTP2Bytes.frame(6, 0, [1]), code: .malformed),
        Offence(
            what: "padding longer than its frame", bytes: HTTP2Bytes.frame(0, 8, stream: 1, [9, 1]), code: .malformed),
        Offence(what: "an empty padded frame", bytes: HTTP2Bytes.frame(0, 8, stream: 1), code: .malformed),
        Offence(
            what: "HEADERS whose padding eats the priority", bytes: headers(0x2c, [3, 0, 0, 0, 0, 1]), code: .malformed),
        Offence(what: "a lone CONTINUATION", bytes: HTTP2Bytes.frame(9, 4, stream: 1), code: .unexpectedMessage),
        Offence(
            what: "PING within a header block",
            bytes: headers(0) + HTTP2Bytes.frame(6, 0, [UInt8](repeating: 0, count: 8)),
            code: .unexpectedMessage),
        Offence(
            what: "another stream's CONTINUATION", bytes: headers(0) + HTTP2Bytes.frame(9, 4, stream: 3),
            code: .unexpectedMessage),
        Offence(
            what: "a flood of CONTINUATION",
            bytes: headers(0) + (0..<200).flatMap { _ in HTTP2Bytes.frame(9, 0, stream: 1) }, code: .limitExceeded),
        Offence(what: "HEADERS of a megabyte", bytes: [0x10, 0, 0, 1, 4, 0, 0, 0, 1], code: .limitExceeded),
        Offence(what: "an index of nothing", bytes: headers(4, [0x80]), code: .malformed),
        Offence(
            what: "a list that a table blows up",
            bytes: headers(
                4,
                [0x40, 1, 97, 0x7f, 0xa1, 0x1e] + [UInt8](repeating: 98, count: 4000)
                    + [UInt8](repeating: 0xbe, count: 100)), code: .limitExceeded),
        Offence(
            what: "a client's promise", bytes: HTTP2Bytes.frame(5, 4, stream: 1, [0, 0, 0, 2]), code: .unexpectedMessage
        ),
    ])
    func `a broken rule is a fault of its sender, however it is cut`(_ offence: Offence) throws {
        for chunking in Chunking.all {
            let fault = try #require(
                Self.trace([.bytes(HTTP2Bytes.preface + offence.bytes, .clientToServer)], chunking).fault)
            #expect(fault.code == offence.code, "\(fault)")
            #expect(fault.direction == .clientToServer)
        }
    }

    @Test func `a table grows only as the reader allowed`() {
        var large = HTTP2Bytes()
        large.encoder.resize(65536)
        let answer = large.headers([(":status", "200")], stream: 1)
        let allowed = Self.trace([
            .bytes(HTTP2Bytes.preface + HTTP2Bytes.settings([(1, 65536)]), .clientToServer),
            .bytes(HTTP2Bytes.settings() + answer, .serverToClient),
        ])
        #expect(allowed.fault == nil)
        let forbidden = Self.trace([
            .bytes(HTTP2Bytes.preface + HTTP2Bytes.settings(), .clientToServer),
            .bytes(HTTP2Bytes.settings() + answer, .serverToClient),
        ])
        #expect(forbidden.fault?.code == .malformed)
    }

    @Test func `a late capture is read where frames begin, and shows what it can`() {
        var client = HTTP2Bytes()
        _ = client.get("/", stream: 1)
        let second = client.get("/", stream: 3)
        let trace = Self.trace([.bytes(second, .clientToServer)])
        #expect(trace.fault == nil)
        guard case .headers(let headers)? = trace.messages(.clientToServer).first else {
            Issue.record("\(trace)")
            return
        }
        #expect(headers.fields.contains(.unknown))
        #expect(headers.fields.map(\.text).contains(":path: /"))
    }

    @Test func `a hole within data costs that data alone`() {
        var client = HTTP2Bytes()
        let turns: [WireTurn] = [
            .bytes(HTTP2Bytes.preface + client.get("/", stream: 1, ends: false), .clientToServer),
            .bytes(Array(HTTP2Bytes.data("0123456789", stream: 1, ends: true).prefix(12)), .clientToServer),
            .gap(7, .clientToServer),
            .bytes(client.get("/again", stream: 3), .clientToServer),
        ]
        let trace = Self.trace(turns)
        #expect(trace.fault == nil)
        #expect(trace.messages(.clientToServer).count == 3)
    }

    @Test func `detection tells by the preface or the first frame`() {
        func detect(_ client: [UInt8], _ server: [UInt8] = []) -> Detection {
            HTTP2Detection.detect(client: client.span, server: server.span)
        }
        #expect(detect([]) == .needMore)
        #expect(detect(Array("PRI *".utf8)) == .needMore)
        #expect(detect(HTTP2Bytes.preface) == .yes)
        #expect(detect(Array("PRIMARY KEY".utf8)) == .no)
        #expect(detect(Array("GET / HTTP/1.1\r\n".utf8)) == .no)
        #expect(detect(Array("SSH-2.0-x\r\n".utf8)) == .no)
        #expect(detect([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]) == .no)
        #expect(detect([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f, 0]) == .no)
        #expect(detect(HTTP2Bytes.data("x", stream: 5)) == .eitherWay)
        #expect(detect([], HTTP2Bytes.settings()) == .eitherWay)
    }

    @Test func `who is the client is told by what only one side sends`() {
        var (asking, answering) = (HTTP2Bytes(), HTTP2Bytes())
        let ping = HTTP2Bytes.frame(6, 0, [UInt8](repeating: 0, count: 8))
        let request = ping + asking.get("/", stream: 1)
        let response = ping + answering.headers([(":status", "200")], stream: 1)
        let promise = HTTP2Bytes.frame(5, 4, stream: 1, [0, 0, 0, 2, 0x82])
        for client in [request, ping + HTTP2Bytes.goAway(last: 2, 0)] {
            expect(client, isClients: true)
        }
        for server in [response, ping + promise, ping + HTTP2Bytes.goAway(last: 1, 0)] {
            expect(server, isClients: false)
        }
        #expect(HTTP2Detection.detect(client: ping.span, server: ping.span) == .eitherWay)
    }

    private func expect(_ said: [UInt8], isClients: Bool) {
        let nothing: [UInt8] = []
        #expect(HTTP2Detection.detect(client: said.span, server: nothing.span) == (isClients ? .yes : .no))
        #expect(HTTP2Detection.detect(client: nothing.span, server: said.span) == (isClients ? .no : .yes))
    }
}

extension WireTrace {
    /// Where the first body begins; 0 when there is none.
    fileprivate var bodyOffset: UInt64 {
        for entry in client { if case .body(let offset, _, _) = entry { return offset } }
        return 0
    }
}
