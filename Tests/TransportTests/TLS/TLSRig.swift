import Testing
import Transport

/// What each side has come to.
struct Handshake: Sendable {
    var client: Result<TLSFacts, TransportError>
    var server: Result<TLSFacts, TransportError>
}

extension Socket {
    func handshake(as server: TLSServerContext) async -> Result<TLSFacts, TransportError> {
        do throws(TransportError) {
            return .success(try await startTLS(as: server, within: .seconds(60)))
        } catch { return .failure(error) }
    }

    func handshake(to host: String, with client: TLSClientContext) async -> Result<TLSFacts, TransportError> {
        do throws(TransportError) {
            return .success(try await startTLS(to: host, with: client, within: .seconds(60)))
        } catch { return .failure(error) }
    }
}

/// Lets two of our own shake hands, each on one end of a connection; then lets `body` use both ends.
///
/// A side that fails closes, so that the other one learns of it.
func withTLS(
    _ server: TLSServerContext, _ client: TLSClientContext, host: String = "localhost",
    _ body: @escaping @Sendable (Handshake, _ client: Socket, _ server: Socket) async throws -> Void
) async throws {
    try await withLoops(1) { group in
        try await on(group.loops[0]) { _ in
            let (near, far) = try await connectedPair(group)
            async let answer = outcome(of: far) { await far.handshake(as: server) }
            let question = await outcome(of: near) { await near.handshake(to: host, with: client) }
            try await body(Handshake(client: question, server: await answer), near, far)
            near.close()
            far.close()
        }
        #expect(group.connectionCount == 0)
    }
}

/// Two ends of an established session.
func withSession(
    _ body: @escaping @Sendable (_ client: Socket, _ server: Socket) async throws -> Void
) async throws {
    let pki = try await TestPKI.shared
    try await withTLS(try pki.server(), try pki.client()) { handshake, client, server in
        _ = (try handshake.client.get(), try handshake.server.get())
        try await body(client, server)
    }
}

/// Closes a socket whose handshake has failed.
func outcome(
    of socket: Socket, _ handshake: () async -> Result<TLSFacts, TransportError>
) async -> Result<TLSFacts, TransportError> {
    let result = await handshake()
    if case .failure = result { socket.drainThenClose() }
    return result
}

extension Result where Failure == TransportError {
    var failure: TransportError? {
        if case .failure(let error) = self { error } else { nil }
    }
}
