import Adapters
import Protocols
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// A PostgreSQL server that can do nothing but log people in, over TLS: what libpq thinks of our server's role.
private struct LoginServer: Sendable {
    typealias Login = PostgresServerLogin<OpenSSLCryptography>

    static let token = "wt-4f6d0a3be1c84b2f9c7712ab03de9f55"

    private let group = EventLoopGroup(count: 1)
    private let acceptor: Acceptor

    private static let store: IdentityDirectory.Store = {
        let verifier = SCRAMVerifier(
            password: Secret(Array("open sesame".utf8)), salt: SystemRandom.bytes(16), by: OpenSSLCryptography.self)
        let text = Array(token.utf8)
        let digest = OpenSSLCryptography.sha256(text.span)
        return IdentityStore(
            users: [.init(name: "alice", verifier: verifier)], tokens: [StaticToken(subject: "ci", digest: digest)],
            secret: Secret([1]))
    }()

    init(_ policy: PostgresLoginPolicy) async throws {
        let key = Secret(Array(try await KeyServer.file("leaf.key").utf8))
        let chain = try await KeyServer.file("server.pem")
        let context = try TLSServerContext(TLSServerSettings(identities: [TLSIdentity(chain: chain, key: key)]))
        acceptor = try Acceptor(on: .loopback(port: 0), group: group, gate: ConnectionGate(limit: 10)) { socket in
            socket.release(upTo: .max)
            var connection = Connection(socket: socket)
            // What goes wrong here, libpq tells: it is what is tested.
            try? await connection.serve(context, policy)
            socket.drainThenClose()
        }
    }

    /// What psql says of a login.
    func psql(_ user: String, password: String, _ settings: String = "") async throws -> CommandResult {
        let root = try await KeyServer.path("root.pem")
        let words =
            "host=localhost hostaddr=127.0.0.1 port=\(acceptor.port ?? 0) user=\(user) dbname=x sslmode=verify-full"
        let result = try await Command(
            "psql", ["-X", "-c", "SELECT", "\(words) sslrootcert=\(root) \(settings)"],
            environment: ["PGPASSWORD": password]
        ).run()
        acceptor.stop()
        await group.stop()
        return result
    }

    private struct Connection {
        let socket: Socket
        var decoder = PostgresDecoder(limits: WireLimits())
        var bytes: [UInt8] = []

        nonisolated(nonsending) mutating func serve(
            _ context: TLSServerContext, _ policy: PostgresLoginPolicy
        ) async throws {
            _ = try await next()
            try say([UInt8(ascii: "S")])
            let tls = try await socket.startTLS(as: context, within: .seconds(60))
            let (message, packet) = try await next()
            guard case .startup(let startup) = message else { return }
            let user = Array((PostgresStartupRequest(startup, packet.span).value("user") ?? "").utf8)
            let scene = PostgresLoginScene(
                isPrivate: true, endPoint: tls.localCertificate?.endPoint, now: socket.loop.now.wallNanoseconds)
            var login = Login(
                user: user, demand: LoginServer.store.demand(of: user, scene, policy), nonce: SystemRandom.bytes(18))
            guard try await isIn(&login, policy) else { return }
            try say(PostgresEncoding.authenticationOk() + PostgresEncoding.readyForQuery(.idle))
            _ = try await next()
            try say([UInt8(ascii: "C"), 0, 0, 0, 9] + Array("MADE\0".utf8) + PostgresEncoding.readyForQuery(.idle))
            _ = try await next()
        }

        nonisolated(nonsending) private mutating func isIn(
            _ login: inout Login, _ policy: PostgresLoginPolicy
        ) async throws -> Bool {
            var action = login.begin()
            while true {
                switch action {
                case .send(let words):
                    try say(words)
                    let (message, packet) = try await next()
                    action = login.received(message, packet.span)
                case .verify:
                    let token = login.token ?? Secret([])
                    let now = socket.loop.now.wallNanoseconds
                    action = login.verified(
                        Result { () throws(IdentityRefusal) in
                            try LoginServer.store.identity(presenting: token, accepting: policy.tokens, at: now)
                        })
                case .authenticated(_, let words):
                    try say(words)
                    return true
                case .refused(let words, _):
                    try say(words)
                    return false
                }
            }
        }

        /// The decoder reads what is said, too, message by message.
        private mutating func say(_ words: [UInt8]) throws {
            try socket.send(words.span)
            var rest = words[...]
            while !rest.isEmpty, case .message(_, let length) = try decoder.step(Array(rest).span, .serverToClient) {
                rest = rest.dropFirst(length)
            }
        }

        nonisolated(nonsending) private mutating func next() async throws -> (PostgresMessage, [UInt8]) {
            while true {
                let pending = bytes
                if !pending.isEmpty,
                    case .message(let message, let length) = try decoder.step(pending.span, .clientToServer)
                {
                    bytes.removeFirst(length)
                    return (message, Array(pending[..<length]))
                }
                await socket.readable()
                var buffer = socket.loop.lease()
                guard let count = try socket.read(into: &buffer) else { continue }
                guard count > 0 else { throw TransportError.closed }
                bytes.append(buffer.bytes)
            }
        }
    }
}

@Suite struct LibpqLoginTests {
    private static let passwords = PostgresLoginPolicy(methods: [.scram])
    private static let bound = PostgresLoginPolicy(methods: [.scram], requiresChannelBinding: true)
    private static let tokens = PostgresLoginPolicy(methods: [.staticToken])

    @Test(arguments: [
        (passwords, "channel_binding=require"), (passwords, "channel_binding=disable"), (passwords, ""),
        (bound, "channel_binding=require"), (bound, ""),
    ])
    func `libpq logs in by password`(_ policy: PostgresLoginPolicy, _ settings: String) async throws {
        let result = try await LoginServer(policy).psql("alice", password: "open sesame", settings)
        #expect(result.output == "MADE\n" && result.exit == .status(0), "\(result.errors)")
    }

    @Test func `libpq logs in by token`() async throws {
        let result = try await LoginServer(Self.tokens).psql("ci", password: LoginServer.token)
        #expect(result.output == "MADE\n", "\(result.errors)")
    }

    @Test(arguments: [
        ("alice", "wrong", passwords), ("mallory", "open sesame", passwords), ("ci", LoginServer.token + "x", tokens),
        ("alice", LoginServer.token, tokens), ("mallory", "guess", bound),
    ])
    func `libpq shows the same words for whatever is wrong`(
        _ user: String, _ password: String, _ policy: PostgresLoginPolicy
    ) async throws {
        let result = try await LoginServer(policy).psql(user, password: password)
        #expect(result.exit == .status(2))
        #expect(result.errors.hasSuffix("FATAL:  authentication failed for user \"\(user)\"\n"), "\(result.errors)")
    }

    @Test func `libpq that may not bind is told that it must`() async throws {
        let result = try await LoginServer(Self.bound).psql("alice", password: "open sesame", "channel_binding=disable")
        #expect(result.exit == .status(2))
        #expect(result.output.isEmpty)
    }
}
