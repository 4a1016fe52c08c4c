import Protocols
import Testing
import WireTestKit

@Suite struct PostgresLoginTests {
    private static let sasl = PostgresEncoding.authenticationSASL(mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])
    private static let first = PostgresEncoding.saslInitialResponse(
        mechanism: "SCRAM-SHA-256", data: Array("n,,n=,r=x".utf8))
    private static let final = PostgresEncoding.saslResponse(Array("c=biws".utf8))
    private static let `continue` = PostgresEncoding.authenticationSASLContinue(Array("r=xy".utf8))
    private static let done = PostgresEncoding.authenticationSASLFinal(Array("v=1".utf8))

    @Test func `the last request tells what a response is: SCRAM`() throws {
        let turns = [
            client(Bytes.startup), server(Self.sasl), client(Self.first), server(Self.continue), client(Self.final),
            server(Self.done, Bytes.authenticationOk, Bytes.ready),
        ]
        let trace = trace(turns)
        #expect(trace.fault == nil)
        let requests = trace.messages(.clientToServer)
        guard case .saslInitialResponse(let response) = requests[1] else {
            Issue.record("no SASLInitialResponse")
            return
        }
        #expect(string(response.mechanism, Self.first.span) == "SCRAM-SHA-256")
        #expect(response.data.map { string($0, Self.first.span) } == "n,,n=,r=x")
        #expect(requests[2] == .saslResponse(5..<11))
        guard case .authentication(.sasl(let mechanisms))? = trace.messages(.serverToClient).first else {
            Issue.record("no AuthenticationSASL")
            return
        }
        var names = mechanisms.names
        #expect(names.next(in: Self.sasl.span).map { string($0, Self.sasl.span) } == "SCRAM-SHA-256-PLUS")
        #expect(names.next(in: Self.sasl.span).map { string($0, Self.sasl.span) } == "SCRAM-SHA-256")
        #expect(names.next(in: Self.sasl.span) == nil)
    }

    @Test func `each direction waits for the other, so that one after the other reads the same`() {
        let turn = [
            client(Bytes.startup + Self.first + Self.final + message("Q", text("SELECT 1"))),
            server(Self.sasl + Self.continue + Self.done + Bytes.authenticationOk + Bytes.ready),
        ]
        let forwards = trace(turn)
        #expect(forwards.fault == nil)
        #expect(forwards.messages(.clientToServer).last == .query(sql: 5..<13))
        #expect(forwards.messages(.serverToClient).last == .readyForQuery(.idle))
        #expect(trace(turn.reversed()) == forwards)
    }

    @Test(arguments: [
        PostgresEncoding.authenticationCleartextPassword(), PostgresEncoding.authenticationMD5Password(salt: 1),
    ])
    func `a password ends with its message`(_ request: [UInt8]) {
        let asked = [client(Bytes.startup), server(request)]
        let good = trace(asked + [client(PostgresEncoding.password(Array("secret".utf8)))])
        #expect(good.messages(.clientToServer).last == .password(5..<11))
        let bad = trace(asked + [client(message("p", Array("secret".utf8)))])
        #expect(bad.fault?.code == .malformed)
    }

    @Test(arguments: [7, 9])
    func `GSS and SSPI responses are bytes`(_ code: Int) {
        let trace = trace([
            client(Bytes.startup), server(message("R", int32(code))), client(message("p", [1, 2])),
            server(message("R", int32(8), [3])), client(message("p", [4])), server(message("R", int32(8), [5])),
            server(Bytes.authenticationOk),
        ])
        #expect(trace.fault == nil)
        #expect(trace.messages(.clientToServer).suffix(2) == [.gssResponse(5..<7), .gssResponse(5..<6)])
        #expect(trace.messages(.serverToClient).last == .authentication(.ok))
    }

    @Test func `after the request for Kerberos V5 nothing is known`() {
        let trace = trace([client(Bytes.startup), server(message("R", int32(2))), client([1, 2, 3]), server([4])])
        #expect(trace.client.contains(.opaque(.unsupported, offset: UInt64(Bytes.startup.count))))
        #expect(trace.server.contains(.opaque(.unsupported, offset: 9)))
    }

    @Test func `a client may give up, and a server may refuse, at any time of the login`() {
        let error = PostgresEncoding.errorResponse(.init(severity: "FATAL", code: "28000", message: "no"))
        let trace = trace([client(Bytes.startup), server(error), client(message("X"))])
        #expect(trace.fault == nil)
        #expect(trace.messages(.clientToServer).last == .terminate)
    }

    @Test func `a request sent ahead of the login waits for its end`() {
        let ahead = [client(Bytes.startup, message("Q", text("SELECT 1")))]
        #expect(trace(ahead).messages(.clientToServer).count == 1)
        #expect(trace(ahead + [server(Bytes.authenticationOk)]).messages(.clientToServer).count == 2)
        let asked = trace(ahead + [server(Self.sasl)])
        #expect(asked.fault?.code == .unexpectedMessage)
        #expect(asked.fault?.direction == .clientToServer)
    }
}
