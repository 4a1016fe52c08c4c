import Protocols
import Transport

/// Fetches the keys of an issuer of tokens over https: the server's certificate is verified, redirects are not
/// followed, and it takes at most 5 seconds and 1 MiB.
struct KeyFetch: Sendable {
    /// Why there are no keys, for the log.
    enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case address
        case transport(TransportError)
        case answer(KeyAnswer.Fault)
        /// The server hung up before the answer was whole.
        case cutOff
        case slow
        case keys(JSONWebKeySet.Fault)

        var description: String {
            switch self {
            case .address: "the address is no https URL"
            case .transport(let error): "\(error)"
            case .answer(let fault): "\(fault)"
            case .cutOff: "the server closed the connection before the answer was whole"
            case .slow: "there was no whole answer within \(KeyFetch.timeLimit)"
            case .keys(let fault): "\(fault)"
            }
        }
    }

    static let timeLimit = Duration.seconds(5)
    /// A head, a document, and what chunks cost.
    private static let byteCountMaximum = 2 * JSONWebKeySet.byteCountMaximum

    let resolver: Resolver
    let tls: TLSClientContext
    var limit = timeLimit

    /// - Parameter url: as the configuration has it.
    nonisolated(nonsending) func keys(at url: String, on loop: EventLoop) async throws(Failure) -> JSONWebKeySet {
        guard let address = HTTPSAddress(url) else { throw .address }
        let deadline = ContinuousClock.now + limit
        let socket = try await connect(to: address, on: loop, until: deadline)
        // Nobody else closes the socket, so that a closed one means that the time was over.
        let timer = loop.schedule(after: ContinuousClock.now.duration(to: deadline)) { socket.close() }
        defer {
            timer.cancel()
            socket.close()
        }
        try await ask(address, socket, until: deadline)
        let body = try await body(socket)
        do throws(JSONWebKeySet.Fault) { return try JSONWebKeySet(body.span) } catch { throw .keys(error) }
    }

    nonisolated(nonsending) private func connect(
        to address: HTTPSAddress, on loop: EventLoop, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> Socket {
        do throws(TransportError) {
            let addresses = try await resolver.addresses(of: address.host, port: address.port)
            let rest = ContinuousClock.now.duration(to: deadline)
            return try await Socket.connect(toFirstOf: addresses, on: loop, within: rest)
        } catch { throw Self.failure(error) }
    }

    nonisolated(nonsending) private func ask(
        _ address: HTTPSAddress, _ socket: Socket, until deadline: ContinuousClock.Instant
    ) async throws(Failure) {
        do throws(TransportError) {
            let rest = ContinuousClock.now.duration(to: deadline)
            _ = try await socket.startTLS(to: address.host, with: tls, within: rest)
            socket.release(upTo: .max)
            let request = address.request
            try socket.send(request.span)
        } catch { throw Self.failure(error) }
    }

    nonisolated(nonsending) private func body(_ socket: Socket) async throws(Failure) -> [UInt8] {
        var answer: [UInt8] = []
        while answer.count <= Self.byteCountMaximum {
            let before = answer.count
            try await read(socket, into: &answer)
            guard answer.count > before else { throw .cutOff }
            do throws(KeyAnswer.Fault) {
                if let body = try KeyAnswer.body(of: answer) { return body }
            } catch { throw .answer(error) }
        }
        throw .answer(.tooLong)
    }

    /// Adds nothing at the end.
    nonisolated(nonsending) private func read(_ socket: Socket, into answer: inout [UInt8]) async throws(Failure) {
        do throws(TransportError) {
            while true {
                await socket.readable()
                var buffer = socket.loop.lease()
                guard try socket.read(into: &buffer) != nil else { continue }
                answer.append(buffer.bytes)
                return
            }
        } catch { throw Self.failure(error) }
    }

    private static func failure(_ error: TransportError) -> Failure {
        error == .closed || error == .timedOut ? .slow : .transport(error)
    }
}
