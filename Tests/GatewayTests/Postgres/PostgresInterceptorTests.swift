import Protocols
import Testing

@testable import Gateway

@Suite struct PostgresInterceptorTests {
    private static let clientKey: [UInt8] = [9, 8, 7, 6]
    private static let keySource = clientKey + [UInt8](repeating: 5, count: 28)
    private var core = ProxyCore(PostgresDecoder.afterStartup(), PostgresInterceptor(keySource: keySource))

    private mutating func read(
        _ bytes: [UInt8], _ direction: Direction
    ) -> (consumed: Int, actions: [ProxyAction]) {
        var actions: [ProxyAction] = []
        let consumed = core.received(bytes.span, direction, into: &actions)
        return (consumed, actions)
    }

    private mutating func login() {
        _ = read(PostgresEncoding.authenticationOk() + PostgresEncoding.readyForQuery(.idle), .serverToClient)
    }

    @Test mutating func `the upstream's cancel key never reaches the client, nor either key the recording`() {
        let ok = PostgresEncoding.authenticationOk()
        let upstream = PostgresEncoding.backendKeyData(processID: 77, key: [1, 2, 3, 4])
        let ready = PostgresEncoding.readyForQuery(.idle)
        let said = read(ok + upstream + ready, .serverToClient)
        let mine = PostgresEncoding.backendKeyData(processID: 77, key: Self.clientKey)
        #expect(
            said.actions == [
                .forward(0..<9),
                .replace(
                    9..<22, secrets: [18..<22], by: mine, secretsOfNew: [9..<13],
                    reason: "cancel key of the gateway's own"),
                .forward(22..<28),
            ])
    }

    @Test mutating func `statements and answers cross as runs`() {
        login()
        let query = PostgresEncoding.query(Array("SELECT 1".utf8))
        let asked = read(query + query, .clientToServer)
        #expect(asked.actions == [.forward(0..<2 * query.count)])
    }

    @Test mutating func `an upstream that leaves without a word is an error with a hint, once`() {
        login()
        var actions: [ProxyAction] = []
        core.end(.upstreamGone, into: &actions)
        guard case .reply(.client, let bytes, _) = actions.first else {
            Issue.record("the client was told nothing")
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("08006") && text.contains("Connect again"))
    }

    @Test mutating func `a client that said goodbye is told nothing when the upstream closes`() {
        login()
        _ = read(PostgresEncoding.terminate(), .clientToServer)
        var actions: [ProxyAction] = []
        core.end(.upstreamGone, into: &actions)
        #expect(actions == [.end("the upstream closed the connection without a word")])
    }

    @Test mutating func `an upstream that announced its end is not spoken over`() {
        login()
        let fatal = PostgresEncoding.Diagnostic(severity: "FATAL", code: "57P01", message: "shutdown")
        _ = read(PostgresEncoding.errorResponse(fatal), .serverToClient)
        var actions: [ProxyAction] = []
        core.end(.upstreamGone, into: &actions)
        #expect(actions == [.end("the upstream closed the connection without a word")])
    }

    @Test mutating func `a broken message ends the connection with 08P01`() {
        login()
        let said = read([UInt8(ascii: "Q"), 0, 0, 0, 3], .clientToServer)
        guard case .reply(.client, let bytes, _) = said.actions.first else {
            Issue.record("the client was told nothing")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).contains("08P01"))
    }
}
