import CLinux
import Glibc

/// Opens listening sockets.
enum Listening {
    /// - Returns: a descriptor, owned by the caller.
    static func open(_ address: SocketAddress, backlog: Int32) throws(TransportError) -> Int32 {
        let descriptor = try openSocket(address.family)
        do throws(TransportError) {
            try bind(descriptor, to: address)
            guard listen(descriptor, backlog) == 0 else { throw .system(.listen, errno: errno) }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    static func openSocket(_ family: Int32) throws(TransportError) -> Int32 {
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(family, Int32(type), 0)
        guard descriptor >= 0 else { throw .system(.socket, errno: errno) }
        return descriptor
    }

    private static func bind(_ descriptor: Int32, to address: SocketAddress) throws(TransportError) {
        switch address {
        case .ipv6: descriptor.setOption(IPPROTO_IPV6, IPV6_V6ONLY, 1)
        case .ipv4: break
        case .unix(let path):
            // The file that bind makes takes its mode from the socket's own: it is never open to others.
            guard fchmod(descriptor, 0o600) == 0 else { throw .system(.chmod, errno: errno) }
            try removeStale(path)
        }
        if address.family != AF_UNIX { descriptor.setOption(SOL_SOCKET, SO_REUSEADDR, 1) }
        guard let result = unsafe address.withSockaddr({ unsafe Glibc.bind(descriptor, $0, $1) }) else {
            throw .unusablePath(address.host)
        }
        guard result == 0 else { throw .system(.bind, errno: errno) }
    }

    /// A socket's file outlives its process. It goes if it refuses a connection, which only a socket without a
    /// listener does; any other file stays, and bind fails.
    private static func removeStale(_ path: String) throws(TransportError) {
        let probe = try openSocket(AF_UNIX)
        defer { close(probe) }
        guard let result = unsafe SocketAddress.unix(path: path).withSockaddr({ unsafe connect(probe, $0, $1) }) else {
            throw .unusablePath(path)
        }
        if result == 0 || errno == EAGAIN { throw .inUse(path: path) }
        guard errno == ECONNREFUSED, isSocket(path) else { return }
        unsafe unlink(path)
    }

    private static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }
}
