import Glibc

/// Why a socket, a listener or a name did not do what was asked of it.
public enum TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A system call failed; `errno` is its number in errno(3).
    case system(Operation, errno: Int32)
    /// It was closed by us: by `close()`, or because its loop stopped.
    case closed
    case timedOut
    /// More would have been queued for the peer than the stated limit.
    case queueFull(limit: Int)
    /// The name has no address; `reason` is the resolver's own text (gai_strerror(3)).
    case unresolved(host: String, reason: String)
    /// Another process listens on this Unix socket.
    case inUse(path: String)
    /// A TLS session did not come about, or broke.
    case tls(TLSFailure)
    /// A Unix socket's path is longer than the 107 bytes that fit into `sockaddr_un`, or it has none.
    case unusablePath(String)

    public enum Operation: String, Sendable {
        case accept, bind, chmod, connect, epoll, getsockname, listen, read, shutdown, socket, write
    }

    /// Somebody else listens there.
    public var isAddressInUse: Bool {
        switch self {
        case .system(.bind, errno: EADDRINUSE), .inUse: true
        default: false
        }
    }

    /// The peer is gone, or we are: nothing worth a line in a log.
    public var isDisconnect: Bool {
        switch self {
        case .closed, .tls(.endedInHandshake): true
        case .system(_, let number): [ECONNRESET, EPIPE, ENOTCONN, ETIMEDOUT].contains(number)
        default: false
        }
    }

    public var description: String {
        switch self {
        case .system(let operation, let number): "\(operation.rawValue): \(Self.text(number))"
        case .closed: "the connection was closed"
        case .timedOut: "timed out"
        case .queueFull(let limit): "more than \(limit) bytes wait for the peer"
        case .unresolved(let host, let reason): "cannot resolve \(host): \(reason)"
        case .tls(let failure): "TLS: \(failure)"
        case .inUse(let path): "another process listens on \(path)"
        case .unusablePath(let path): "not usable as a Unix socket's path: \(path)"
        }
    }

    private static func text(_ number: Int32) -> String {
        // SAFETY: strerror returns a C string; glibc keeps it per thread.
        unsafe String(cString: strerror(number))
    }
}
