import Adapters
import Protocols
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// What PostgreSQL 15 over TLS thinks of our client's role.
@Suite struct PostgresBindingTests {
    typealias Login = PostgresUpstreamLogin<OpenSSLCryptography>

    private static let password = "open sesame"

    private static let server = Task {
        let folder = try await temporaryDirectory("pg-tls", owner: "postgres")
        for file in ["server.pem", "leaf.key"] {
            try await Command("install", ["-m", "600", try await KeyServer.path(file), folder]).output()
            if try await Command("id", ["-u"]).output() == "0\n" {
                try await Command("chown", ["postgres", "\(folder)/\(file)"]).output()
            }
        }
        return try await PostgresSandbox.start(
            users: [PostgresSandbox.User("alice", .scram, password: password)],
            settings: [
                "ssl": "on", "ssl_cert_file": "\(folder)/server.pem", "ssl_key_file": "\(folder)/leaf.key",
            ])
    }

    /// How a login ends whose exchange is bound to what `binding` makes of the server's certificate.
    private func logIn(
        _ binding: @escaping @Sendable (_ endPoint: [UInt8]?) -> SCRAMChannelBinding
    ) async throws -> Login.Action {
        let port = try await Self.server.value.port
        let tls = try await KeyServer.client()
        let group = EventLoopGroup(count: 1)
        let loop = group.loops[0]
        let action = try await Task(executorPreference: loop) {
            let socket = try await Socket.connect(to: .loopback(port: port), on: loop, within: .seconds(60))
            defer { socket.close() }
            socket.release(upTo: .max)
            try socket.send(PostgresEncoding.sslRequest().span)
            var bytes: [UInt8] = []
            try await read(socket, into: &bytes)
            #expect(exchange(&bytes, with: []) == [UInt8(ascii: "S")])
            let facts = try await socket.startTLS(to: "localhost", with: tls, within: .seconds(60))
            let user = Array("alice".utf8)
            var login = Login(
                user: user, password: Secret(Array(Self.password.utf8)), allowsCleartext: false,
                binding: binding(facts.peerCertificate?.endPoint), nonce: SystemRandom.bytes(18))
            var decoder = PostgresDecoder(limits: WireLimits())
            try say(PostgresEncoding.startup(parameters: [(name: "user", value: user)]), socket, &decoder)
            while true {
                let pending = bytes
                guard !pending.isEmpty,
                    case .message(let message, let length) = try decoder.step(pending.span, .serverToClient)
                else {
                    try await read(socket, into: &bytes)
                    continue
                }
                bytes.removeFirst(length)
                let action = try login.received(message, pending.span.extracting(0..<length))
                switch action {
                case .send(let answer): try say(answer, socket, &decoder)
                case .salt(let salting):
                    let password = Array(Self.password.utf8)
                    let salted = OpenSSLCryptography.derive(
                        password: password.span, salt: salting.salt.span, iterations: salting.iterations)
                    try say(try login.salted(Secret(salted)), socket, &decoder)
                case .wait, .pass: break
                case .authenticated, .refused: return action
                }
            }
        }.value
        await group.stop()
        return action
    }

    @Test(arguments: [true, false])
    func `PostgreSQL takes an exchange that is bound to its certificate`(_ isRequired: Bool) async throws {
        let action = try await logIn { SCRAMChannelBinding(endPoint: $0, isRequired: isRequired) }
        #expect(action == .authenticated)
    }

    @Test func `PostgreSQL refuses one that is bound to another certificate`() async throws {
        #expect(try await logIn { _ in SCRAMChannelBinding(endPoint: [UInt8](repeating: 1, count: 32)) } == .refused)
    }

    @Test func `PostgreSQL takes one that knows nothing of TLS`() async throws {
        #expect(try await logIn { _ in .none } == .authenticated)
    }
}

nonisolated(nonsending) private func read(_ socket: Socket, into bytes: inout [UInt8]) async throws {
    while true {
        await socket.readable()
        var buffer = socket.loop.lease()
        guard let count = try socket.read(into: &buffer) else { continue }
        guard count > 0 else { throw TransportError.closed }
        bytes.append(buffer.bytes)
        return
    }
}

private func say(_ words: [UInt8], _ socket: Socket, _ decoder: inout PostgresDecoder) throws {
    _ = try decoder.step(words.span, .clientToServer)
    try socket.send(words.span)
}
