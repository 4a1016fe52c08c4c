import Glibc
import Protocols
import Synchronization
public import Transport

/// Asks a gateway over its control socket.
public struct ControlClient: Sendable {
    /// Why there is no answer; what the gateway itself says against a request is a ``ControlFault``.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// Nobody listens there.
        case noGateway(path: String)
        case transport(TransportError)
        /// It ended before it had answered.
        case endedEarly
        /// What it said is no reply of this version.
        case notUnderstood
        case refused(ControlFault)

        public var description: String {
            switch self {
            case .noGateway(let path): "no gateway listens on \(path)"
            case .transport(let error): "the gateway cannot be asked: \(error)"
            case .endedEarly: "the gateway ended before it had answered"
            case .notUnderstood: "the gateway's answer is not of version \(ControlProtocol.version)"
            case .refused(let fault): fault.message
            }
        }
    }

    private let path: String
    private let limit: Duration

    /// - Parameters:
    ///   - path: of the socket.
    ///   - limit: until a request must be answered.
    public init(path: String, within limit: Duration = .seconds(30)) {
        self.path = path
        self.limit = limit
    }

    /// Sends one request.
    ///
    /// - Returns: all that the gateway tells before its last line.
    public func ask(_ request: ControlRequest) async throws(Failure) -> [ControlReply] {
        let replies = Mutex<[ControlReply]>([])
        try await ask(request, within: limit) { reply in replies.withLock { $0.append(reply) } }
        return replies.withLock { $0 }
    }

    /// Hears what happens until the gateway ends.
    public func follow(_ told: @escaping @Sendable (ControlReply) -> Void) async throws(Failure) {
        try await ask(.follow, within: nil, told)
    }

    private func ask(
        _ request: ControlRequest, within limit: Duration?, _ told: @escaping @Sendable (ControlReply) -> Void
    ) async throws(Failure) {
        let group = EventLoopGroup(count: 1)
        let loop = group.loops[0]
        let result = await Task(executorPreference: loop) { () async -> Result<Void, Failure> in
            do throws(Failure) { return .success(try await ask(request, on: loop, within: limit, told)) } catch {
                return .failure(error)
            }
        }.value
        await group.stop()
        try result.get()
    }

    private func ask(
        _ request: ControlRequest, on loop: EventLoop, within limit: Duration?, _ told: (ControlReply) -> Void
    ) async throws(Failure) {
        let socket: Socket
        do throws(TransportError) {
            socket = try await Socket.connect(to: .unix(path: path), on: loop, within: self.limit)
        } catch {
            throw error.isNobody ? .noGateway(path: path) : .transport(error)
        }
        let timer = limit.map { loop.schedule(after: $0) { socket.close() } }
        defer {
            timer?.cancel()
            socket.close()
        }
        do throws(TransportError) { try socket.send((request.encoded() + [UInt8(ascii: "\n")]).span) } catch {
            throw .transport(error)
        }
        try await hear(socket, told)
    }

    private func hear(_ socket: Socket, _ told: (ControlReply) -> Void) async throws(Failure) {
        var lines = LineBuffer(limit: ControlProtocol.replyBytesMaximum)
        while true {
            switch try Self.next(&lines) {
            case .done: return
            case .error(let fault): throw .refused(fault)
            case let reply?: told(reply)
            case nil: try await Self.read(from: socket, into: &lines)
            }
        }
    }

    private static func next(_ lines: inout LineBuffer) throws(Failure) -> ControlReply? {
        guard let line = lines.next() else { return nil }
        guard case .whole(let bytes) = line, let reply = ControlReply(line: bytes.span) else { throw .notUnderstood }
        return reply
    }

    private static func read(from socket: Socket, into lines: inout LineBuffer) async throws(Failure) {
        do throws(TransportError) {
            await socket.readable()
            var buffer = socket.loop.lease()
            guard let count = try socket.read(into: &buffer) else { return }
            lines.append(buffer.bytes)
            if count == 0 { throw .closed }
        } catch {
            throw error == .closed ? .endedEarly : .transport(error)
        }
    }
}

extension TransportError {
    /// There is no socket, or one that a dead process left behind.
    fileprivate var isNobody: Bool {
        self == .system(.connect, errno: ENOENT) || self == .system(.connect, errno: ECONNREFUSED)
    }
}
