import Protocols
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// What a caller gets when its session is dialed.
private enum Outcome: Sendable, Equatable {
    /// The bytes that the upstream said to the caller, up to its first ReadyForQuery.
    case session([UInt8])
    case refused(code: String, message: String, hint: String)

    init(farewell: [UInt8]) {
        var texts: [String] = []
        let bytes = farewell.span
        var decoder = PostgresDecoder(limits: WireLimits(), start: .anywhere)
        _ = try? decoder.gap(1, .serverToClient)
        if case .message(.errorResponse(let error), _)? = try? decoder.step(bytes, .serverToClient) {
            texts = [PostgresDiagnosticField.code, .message, .hint].map { field in
                error.text(field, in: bytes).map {
                    String(decoding: [UInt8](copying: bytes.extracting($0)), as: UTF8.self)
                } ?? ""
            }
        }
        self =
            texts.isEmpty
            ? .session(farewell) : .refused(code: texts[0], message: texts[1], hint: texts[2])
    }
}

/// Dials as the relay does, on a loop of its own.
private func dial(
    _ upstream: PostgresUpstream, as caller: String = "caller", database: String? = nil,
    within limit: Duration = .seconds(60)
) async throws -> Outcome {
    let group = EventLoopGroup(count: 1)
    let pool = BlockingPool(name: "test", threadLimit: 2)
    var commons = PostgresCommons(pool, limits: WireLimits())
    commons.dialLimit = limit
    let endpoint = PostgresEndpoint(PostgresService(ownersOnly: upstream), commons)
    var parameters = [(name: "user", value: Array(caller.utf8))]
    if let database { parameters.append((name: "database", value: Array(database.utf8))) }
    let request = try #require(try asked(PostgresEncoding.startup(parameters: parameters)))
    let route = PostgresRoute(
        caller: Identity(subject: caller, method: "test"), target: "test", upstream: upstream)
    let policy = PostgresInterceptor(keySource: [UInt8](repeating: 1, count: 32))
    let loop = group.loops[0]
    let outcome = try await Task(executorPreference: loop) { () throws -> Outcome in
        switch await endpoint.dial(.session(request, route), policy, on: loop) {
        case .connected(let socket, let head, _):
            socket.close()
            return .session(head)
        case .ended(let words, _, _):
            return Outcome(farewell: words)
        case .failed(let failure):
            throw failure
        }
    }.value
    await group.stop()
    return outcome
}

private func asked(_ startup: [UInt8]) throws -> PostgresStartupRequest? {
    var decoder = PostgresDecoder(limits: WireLimits())
    guard case .message(.startup(let message), _) = try decoder.step(startup.span, .clientToServer) else { return nil }
    return PostgresStartupRequest(message, startup.span)
}

/// One server for the whole suite: logins change nothing in it.
private enum Server {
    static let users = PostgresSandbox.User.Method.allCases.map {
        PostgresSandbox.User("by \($0.rawValue)", $0, password: $0 == .trust ? "" : "o'pen:sé same")
    }
    static let starting = Task {
        try await PostgresSandbox.start(
            users: users.map { user in
                var user = user
                user.password = user.password.replacing("'", with: "''")
                return user
            })
    }

    static func upstream(
        _ user: PostgresSandbox.User, password: String?, database: String? = "postgres"
    ) async throws -> PostgresUpstream {
        PostgresUpstream(
            host: .tcp(name: "127.0.0.1", port: try await starting.value.port), user: user.name, database: database,
            password: password.map { Secret(Array($0.utf8)) })
    }
}

@Suite struct PostgresDialTests {
    @Test(arguments: Server.users)
    fileprivate func `each method opens a session, from AuthenticationOk to ReadyForQuery`(
        _ user: PostgresSandbox.User
    ) async throws {
        let outcome = try await dial(Server.upstream(user, password: user.password.isEmpty ? nil : user.password))
        guard case .session(let head) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(head.starts(with: PostgresEncoding.authenticationOk()))
        #expect(head.suffix(6).elementsEqual(PostgresEncoding.readyForQuery(.idle)))
    }

    /// By libidn what the server does with its own tables: prepared, or, where that is forbidden, byte for byte.
    @Test(arguments: [
        ("p\u{E4}\u{DF} \u{FB01}x", "pa\u{308}\u{DF}\u{A0}fi\u{AD}x"), ("\u{2168}\u{AA}", "IXa"),
        ("\u{627}1", "\u{627}1"), ("\u{1F511}é", "\u{1F511}é"), ("\u{AD}", "\u{AD}"),
    ])
    func `a password beyond ASCII is prepared as the server prepares it`(_ kept: String, _ typed: String) async throws {
        let user = PostgresSandbox.User("x", .scram, password: kept)
        let sandbox = try await PostgresSandbox.start(users: [user])
        let upstream = PostgresUpstream(
            host: .tcp(name: "127.0.0.1", port: sandbox.port), user: "x", database: "postgres",
            password: Secret(Array(typed.utf8)))
        guard case .session = try await dial(upstream) else {
            Issue.record("it was not let in")
            return
        }
    }

    @Test(arguments: Server.users.filter { $0.method != .trust })
    fileprivate func `a wrong password is told in the server's words, with whose it was`(
        _ user: PostgresSandbox.User
    ) async throws {
        let outcome = try await dial(Server.upstream(user, password: "wrong"))
        #expect(
            outcome
                == .refused(
                    code: "28P01", message: "password authentication failed for user \"\(user.name)\"",
                    hint: "Wiretrail logged in as user \(user.name). Its password comes from PGPASSWORD or .pgpass."))
    }

    @Test(arguments: Server.users.filter { $0.method != .trust })
    fileprivate func `a missing password is told with the place to put it`(_ user: PostgresSandbox.User) async throws {
        let outcome = try await dial(Server.upstream(user, password: nil))
        guard case .refused("28000", let message, let hint) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message.contains("the server wants a password"))
        #expect(hint == "Put the password for \(user.name) into ~/.pgpass, or set PGPASSWORD where Wiretrail starts.")
    }

    @Test func `an unknown database is the server's own refusal`() async throws {
        let upstream = try await Server.upstream(Server.users[0], password: nil)
        let outcome = try await dial(upstream, database: "nowhere")
        #expect(outcome == .refused(code: "3D000", message: "database \"nowhere\" does not exist", hint: ""))
    }

    @Test func `an address that the server lets nobody in from is no question of passwords`() async throws {
        var upstream = try await Server.upstream(Server.users[0], password: "x")
        upstream.user = "stranger"
        guard case .refused("28000", let message, let hint) = try await dial(upstream) else {
            Issue.record("the stranger was let in")
            return
        }
        #expect(message.hasPrefix("no pg_hba.conf entry"))
        #expect(hint == "Wiretrail logged in as user stranger.")
    }

    @Test func `without a user of the upstream's own, the caller's name is the one that logs in`() async throws {
        var upstream = try await Server.upstream(Server.users[0], password: nil)
        upstream.user = nil
        guard case .session = try await dial(upstream, as: Server.users[0].name) else {
            Issue.record("the caller was refused")
            return
        }
    }

    @Test func `no server is a failure to connect`() async throws {
        let port = ReservedPort()
        let upstream = PostgresUpstream(
            host: .tcp(name: "127.0.0.1", port: port.number), user: "u", database: nil, password: nil)
        guard case .refused("08001", let message, let hint) = try await dial(upstream) else {
            Issue.record("something answered")
            return
        }
        #expect(message.contains("Connection refused"))
        #expect(hint.contains("Is the server running"))
        withExtendedLifetime(port) {}
    }

    @Test func `a name without address is a failure to connect`() async throws {
        let upstream = PostgresUpstream(
            host: .tcp(name: "nowhere.invalid", port: 5432), user: "u", database: nil, password: nil)
        guard case .refused("08001", let message, _) = try await dial(upstream) else {
            Issue.record("something answered")
            return
        }
        #expect(message.contains("nowhere.invalid"))
    }
}

/// Servers that are none.
@Suite struct PostgresImpostorTests {
    private func dialed(
        within limit: Duration = .seconds(60), password: String? = "pw", _ answer: @escaping @Sendable (Socket) -> Void
    ) async throws -> Outcome {
        let group = EventLoopGroup(count: 1)
        let acceptor = try Acceptor(
            on: .loopback(port: 0), group: group, gate: ConnectionGate(limit: 10)
        ) { socket in
            await socket.readable()
            answer(socket)
        }
        let upstream = PostgresUpstream(
            host: .tcp(name: "127.0.0.1", port: try #require(acceptor.port)), user: "u", database: nil,
            password: password.map { Secret(Array($0.utf8)) })
        let outcome = try await dial(upstream, within: limit)
        acceptor.stop()
        await group.stop()
        return outcome
    }

    @Test(arguments: [
        Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), Array("SSH-2.0-OpenSSH_9.2\r\n".utf8),
        Array("-ERR unknown command\r\n".utf8), [0x4a, 0, 0, 0, 10] + Array("8.0.36".utf8),
        [0x15, 3, 1, 0, 2, 2, 40], [0], [UInt8](repeating: 0xff, count: 70_000),
        // Messages of a server, but none that belongs here.
        PostgresEncoding.readyForQuery(.idle), [UInt8(ascii: "R"), 0, 0, 0, 8, 0, 0, 0, 99],
        [UInt8(ascii: "R"), 0x7f, 0xff, 0xff, 0xff],
    ])
    func `what does not speak the protocol is told so`(_ garbage: [UInt8]) async throws {
        let outcome = try await dialed { try? $0.send(garbage.span) }
        guard case .refused("08P01", let message, let hint) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message.contains("does not speak the PostgreSQL protocol"))
        #expect(hint == "Check the port.")
    }

    @Test func `a server that closes without a word`() async throws {
        let outcome = try await dialed { $0.drainThenClose() }
        guard case .refused("08006", let message, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message.hasSuffix("closed the connection during the login"))
    }

    @Test func `a server that resets the connection`() async throws {
        // Unread bytes make close(2) reset the connection.
        let outcome = try await dialed { $0.close() }
        guard case .refused("08006", let message, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message.hasSuffix("closed the connection during the login"))
    }

    @Test(arguments: [[], [UInt8(ascii: "R"), 0, 0], PostgresEncoding.authenticationOk()])
    func `a server that never answers, or not to the end`(_ beginning: [UInt8]) async throws {
        let outcome = try await dialed(within: .seconds(1)) { try? $0.send(beginning.span) }
        guard case .refused("08001", let message, let hint) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message.contains("did not answer within 1.0 seconds"))
        #expect(hint.contains("Check the port"))
    }

    @Test func `a server that sends without end`() async throws {
        let status = PostgresEncoding.parameterStatus("x", [UInt8](repeating: 65, count: 20_000))
        let outcome = try await dialed {
            try? $0.send((PostgresEncoding.authenticationOk() + status + status + status + status).span)
        }
        guard case .refused("08P01", let message, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message.contains("the login takes too many bytes"))
    }

    @Test func `a server that wants a method of its own`() async throws {
        let request = PostgresEncoding.authenticationSASL(mechanisms: ["OAUTHBEARER"])
        let outcome = try await dialed { try? $0.send(request.span) }
        guard case .refused("28000", let message, let hint) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message.contains("OAUTHBEARER"))
        #expect(hint.contains("scram-sha-256"))
    }
}
