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
        let request = address.request
        try await ask(address.host, request, socket, until: deadline)
        let body = try await document(socket, answering: request)
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
        _ host: String, _ request: [UInt8], _ socket: Socket, until deadline: ContinuousClock.Instant
    ) async throws(Failure) {
        do throws(TransportError) {
            let rest = ContinuousClock.now.duration(to: deadline)
            _ = try await socket.startTLS(to: host, with: tls, within: rest)
            socket.release(upTo: .max)
            try socket.send(request.span)
        } catch { throw Self.failure(error) }
    }

    nonisolated(nonsending) private func document(
        _ socket: Socket, answering request: [UInt8]
    ) async throws(Failure) -> [UInt8] {
        var answer: KeyAnswer
        do throws(KeyAnswer.Fault) { answer = try KeyAnswer(to: request) } catch { throw .answer(error) }
        while true {
            let bytes = try await read(socket)
            guard !bytes.isEmpty else { throw .cutOff }
            do throws(KeyAnswer.Fault) {
                if let document = try answer.receive(bytes.span) { return document }
            } catch { throw .answer(error) }
        }
    }

    /// Nothing at the end.
    nonisolated(nonsending) private func read(_ socket: Socket) async throws(Failure) -> [UInt8] {
        do throws(TransportError) {
            while true {
                await socket.readable()
                var buffer = socket.loop.lease()
                if try socket.read(into: &buffer) != nil { return [UInt8](copying: buffer.bytes) }
            }
        } catch { throw Self.failure(error) }
    }

    private static func failure(_ error: TransportError) -> Failure {
        error == .closed || error == .timedOut ? .slow : .transport(error)
    }
}
