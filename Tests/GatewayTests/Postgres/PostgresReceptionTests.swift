import Protocols
import Testing
import Transport

@testable import Gateway

/// What became of one client, as values that can be compared.
private struct Received: Sendable {
    var purpose: PostgresPurpose?
    var identity: Identity?
    var rest: [UInt8] = []
    /// Why it was turned away.
    var reason: String?
    var steps: [Prologue.Step]

    init(_ reception: Reception<PostgresEndpoint>) {
        switch reception {
        case .arrived(let arrival):
            purpose = arrival.purpose
            identity = arrival.identity
            rest = arrival.rest
            steps = arrival.prologue.steps
        case .turnedAway(let prologue, let reason):
            self.reason = reason
            steps = prologue.steps
        }
    }
}

private let startup = PostgresEncoding.startup(parameters: [
    (name: "user", value: Array("alice".utf8)), (name: "database", value: Array("orders".utf8)),
])

/// Receives one client that sends `bytes`, in pieces of `size`; returns what it was told, too.
private func receive(
    _ bytes: [UInt8], size: Int = .max, closed: FarewellCause? = nil, staysOpen: Bool = true
) async throws -> (Received, told: String) {
    let group = EventLoopGroup(count: 1)
    let loop = group.loops[0]
    let pool = BlockingPool(name: "test", threadLimit: 2)
    let upstream = PostgresUpstream(host: .tcp(name: "127.0.0.1", port: 1), user: "u", database: nil, password: nil)
    let endpoint = PostgresEndpoint(
        PostgresService(ownersOnly: upstream), PostgresCommons(pool, limits: WireLimits()))
    let (received, sender) = AsyncStream.makeStream(of: Received.self)
    let acceptor = try Acceptor(on: .loopback(port: 0), group: group, gate: ConnectionGate(limit: 10)) { socket in
        let reception = await endpoint.receive(socket, closed: closed)
        sender.yield(Received(reception))
        socket.drainThenClose()
    }
    let address = acceptor.address
    let told = try await Task(executorPreference: loop) {
        let client = try await Socket.connect(to: address, on: loop, within: .seconds(60))
        client.release(upTo: .max)
        for start in stride(from: 0, to: bytes.count, by: min(size, max(1, bytes.count))) {
            try client.send(bytes[start..<min(bytes.count, start.addingReportingOverflow(size).partialValue)].span)
            await Task.yield()
        }
        if !staysOpen { client.shutdownWrite() }
        var told: [UInt8] = []
        while true {
            await client.readable()
            var buffer = loop.lease()
            guard let count = try client.read(into: &buffer) else { continue }
            told.append(buffer.bytes)
            buffer.consume(buffer.count)
            if count == 0 { break }
        }
        client.close()
        return String(decoding: told, as: UTF8.self)
    }.value
    var answers = received.makeAsyncIterator()
    let answer = try #require(await answers.next())
    acceptor.stop()
    await group.stop()
    return (answer, told)
}

@Suite struct PostgresReceptionTests {
    @Test(arguments: [Int.max, 1, 7])
    func `TLS and GSSAPI are declined in the protocol's own way, and the client goes on in plain`(
        _ size: Int
    ) async throws {
        let (received, told) = try await receive(
            PostgresEncoding.sslRequest() + PostgresEncoding.gssEncryptionRequest() + startup, size: size)
        #expect(told == "NN")
        let actions = received.steps.map(\.action)
        #expect(
            actions == [
                .withhold(0..<8, secrets: [], reason: "TLS is not offered here"), .reply(.client, [UInt8(ascii: "N")]),
                .withhold(0..<8, secrets: [], reason: "GSSAPI encryption is not offered"),
                .reply(.client, [UInt8(ascii: "N")]),
                .withhold(0..<startup.count, secrets: [], reason: "the gateway logs in to the upstream by itself"),
            ])
    }

    @Test func `the startup packet tells where to, and what follows it is kept`() async throws {
        let ahead = PostgresEncoding.query(Array("SELECT 1".utf8))
        let (received, told) = try await receive(startup + ahead)
        guard case .session(let request, _) = received.purpose else {
            Issue.record("\(received)")
            return
        }
        #expect(request.version == .v3_0)
        #expect(request.value("user") == "alice")
        #expect(request.value("database") == "orders")
        #expect(received.rest == ahead)
        #expect(received.identity?.method == "peer-uid")
        #expect(told == "")
    }

    @Test func `a cancel request of no session is received, and the recording never gets its key`() async throws {
        let packet = PostgresEncoding.cancelRequest(processID: 77, key: [9, 8, 7, 6])
        let (received, _) = try await receive(packet)
        guard case .cancel(nil) = received.purpose else {
            Issue.record("\(received)")
            return
        }
        #expect(
            received.steps.map(\.action) == [.withhold(0..<16, secrets: [12..<16], reason: "cancel request")])
    }

    @Test func `direct TLS is refused with an error that names the setting`() async throws {
        let (received, told) = try await receive([0x16, 0x03, 0x01, 0x00, 0x05, 0x01])
        #expect(told.contains("sslmode=disable"))
        #expect(received.reason == "what follows cannot be read: tls")
    }

    @Test func `a draining gateway says so, after the client has asked`() async throws {
        let (received, told) = try await receive(PostgresEncoding.sslRequest() + startup, closed: .draining)
        #expect(told.hasPrefix("NE"))
        #expect(told.contains("57P01"))
        #expect(received.reason == FarewellCause.draining.reason)
    }

    @Test(arguments: [
        [0, 0, 0, 3], [0, 0, 0x27, 0x11, 0, 3, 0, 0], Array("GET / HTTP/1.1\r\n\r\n".utf8),
        PostgresEncoding.sslRequest() + PostgresEncoding.sslRequest(), PostgresEncoding.query(Array("SELECT 1".utf8)),
        [0, 0, 0, 9, 0, 2, 0, 0, 0],
    ])
    func `what is no startup is told so`(_ garbage: [UInt8]) async throws {
        let (received, told) = try await receive(garbage)
        #expect(told.contains("08P01"))
        #expect(received.purpose == nil && received.reason != nil)
    }

    @Test(arguments: [[], [0], Array(startup.dropLast())])
    func `a client that leaves before it asks is told nothing`(_ beginning: [UInt8]) async throws {
        let (received, told) = try await receive(beginning, staysOpen: false)
        #expect(told == "")
        #expect(received.reason == "it left without asking for anything")
    }
}
