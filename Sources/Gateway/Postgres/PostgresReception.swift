import Adapters
import Protocols
import Transport

/// Receives one Postgres client: encryption, the startup packet or cancel request, and who it is.
///
/// A client that is not let in is told so once it has asked for something. Before that, clients expect no error (libpq takes
/// one in place of the answer to its SSLRequest for an attack, CVE-2024-10977).
struct PostgresReception {
    let service: PostgresService
    let commons: PostgresCommons
    let client: Socket
    private let closed: FarewellCause?
    private var decoder: PostgresDecoder
    var prologue = Prologue()
    /// What the client has sent and nobody has read.
    private(set) var bytes: [UInt8] = []
    private var count = 0
    /// What was agreed with the client; `nil` in plain text.
    var tls: TLSFacts?

    /// What a caller may cost before it is known.
    private static let bytesMaximum = 16 << 10

    /// What a client asks for with its first packet.
    private enum Request {
        case session(PostgresStartupRequest)
        case cancel(CancelKey)
    }

    /// Why the caller is not let in.
    enum TurnedAway: Error {
        case told(FarewellCause)
        case spoken([UInt8], reason: String)
        /// Nobody is left to be told.
        case gone(String)
    }

    init(_ service: PostgresService, _ commons: PostgresCommons, _ client: Socket, closed: FarewellCause?) {
        self.service = service
        self.commons = commons
        self.client = client
        self.closed = closed
        decoder = PostgresDecoder(limits: commons.limits)
    }

    nonisolated(nonsending) mutating func run() async -> Reception<PostgresEndpoint> {
        let timer = client.loop.schedule(after: commons.loginLimit) { [client] in client.close() }
        defer { timer.cancel() }
        do throws(TurnedAway) {
            try await takeDirectTLS()
            let request = try await ask()
            if let closed { throw .told(closed) }
            switch request {
            case .cancel(let key): return .arrived(try await canceller(key))
            case .session(let startup): return .arrived(try await caller(startup))
            }
        } catch {
            switch error {
            case .told(let cause): return turnAway(PostgresFarewell.bytes(for: cause), cause.reason)
            case .spoken(let words, let reason): return turnAway(words, reason)
            case .gone(let reason): return .turnedAway(prologue, reason: reason)
            }
        }
    }

    private func turnAway(_ words: [UInt8], _ reason: String) -> Reception<PostgresEndpoint> {
        // Whoever has gone already needs no words.
        try? client.send(words.span)
        return .turnedAway(prologue, reason: reason)
    }

    func arrival(
        _ identity: Identity, _ target: String, _ purpose: PostgresPurpose
    ) -> Arrival<PostgresEndpoint> {
        Arrival(
            identity: identity, target: target, tls: tls.map { "\($0.version) \($0.cipher)" }, purpose: purpose,
            prologue: prologue, rest: bytes, decoder: decoder,
            policy: PostgresInterceptor(keySource: SystemRandom.bytes(32), judge: judge(identity, on: target)))
    }

    func judge(_ identity: Identity, on target: String) -> PostgresJudge? {
        service.rules.map { PostgresJudge($0, identity, target: target, nameLimit: commons.limits.names) }
    }
}

// MARK: What the client came for

extension PostgresReception {
    /// Up to the startup packet, or the cancel request.
    nonisolated(nonsending) private mutating func ask() async throws(TurnedAway) -> Request {
        while true {
            let (message, packet) = try await next()
            switch message {
            case .sslRequest:
                if let offer = service.tls, tls == nil {
                    try await encrypt(packet, offer)
                } else {
                    try decline(packet, tls == nil ? "TLS is not offered here" : "TLS is spoken already")
                }
            case .gssEncryptionRequest:
                try decline(packet, "GSSAPI encryption is not offered")
            case .startup(let startup):
                prologue.heard(packet, "the gateway logs in to the upstream by itself", at: client.loop.now)
                return .session(PostgresStartupRequest(startup, packet.span))
            case .cancelRequest(let request):
                prologue.heard(packet, secrets: [request.key], "cancel request", at: client.loop.now)
                return .cancel(CancelKey(processID: request.processID, key: packet.span.extracting(request.key)))
            default:
                throw .told(.fault(WireFault(.unexpectedMessage, "a message before the startup", .clientToServer)))
            }
        }
    }

    private mutating func decline(_ packet: [UInt8], _ reason: String) throws(TurnedAway) {
        prologue.heard(packet, reason, at: client.loop.now)
        try say([UInt8(ascii: "N")])
    }

    /// The decoder reads what we say, too: it must know what the client reads.
    mutating func say(_ words: [UInt8], secrets: [Range<Int>] = []) throws(TurnedAway) {
        do throws(WireFault) { _ = try decoder.step(words.span, .serverToClient) } catch { throw .told(.fault(error)) }
        do throws(TransportError) { try client.send(words.span) } catch { throw .gone("the client was lost: \(error)") }
        prologue.said(words, secrets: secrets, at: client.loop.now)
    }

    /// The next whole message.
    nonisolated(nonsending) mutating func next() async throws(TurnedAway) -> (PostgresMessage, [UInt8]) {
        while true {
            if !bytes.isEmpty {
                let window = bytes
                let step: Step<PostgresMessage>
                do throws(WireFault) { step = try decoder.step(window.span, .clientToServer) } catch {
                    throw .told(.fault(error))
                }
                switch step {
                case .message(let message, let length):
                    defer { bytes.removeFirst(length) }
                    return (message, Array(bytes[..<length]))
                case .opaque(let reason): throw .told(.unreadable(reason))
                case .needMore, .awaitOther, .head, .body, .become: break
                }
            }
            try await read()
        }
    }

    nonisolated(nonsending) private mutating func read() async throws(TurnedAway) {
        while true {
            await client.readable()
            do throws(TransportError) {
                var buffer = client.loop.lease()
                guard let read = try client.read(into: &buffer) else { continue }
                if read > 0 { bytes.append(buffer.bytes) }
                count += read
                buffer.consume(buffer.count)
                if read > 0, count <= Self.bytesMaximum { return }
                if read > 0 { break }
            } catch {
                throw .gone(error == .closed ? "it asked for nothing in time" : "the client was lost: \(error)")
            }
            throw .gone("it left without asking for anything")
        }
        throw .told(
            .fault(WireFault(.limitExceeded, "too many bytes before the login is through", .clientToServer)))
    }
}
