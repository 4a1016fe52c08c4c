import CLinux
import Glibc

/// Finds the addresses of names, off the loops: getaddrinfo(3) may wait for seconds.
public struct Resolver: Sendable {
    private let pool: BlockingPool

    public init(pool: BlockingPool = BlockingPool(name: "resolver", threadLimit: 4)) {
        self.pool = pool
    }

    /// The TCP addresses of a host, in the order in which to try them (RFC 6724). At once if the host is a number.
    ///
    /// - Throws: `.unresolved`
    public func addresses(of host: String, port: UInt16) async throws(TransportError) -> [SocketAddress] {
        if let numeric = try? Self.lookUp(host, port, AI_NUMERICHOST) { return numeric }
        return try await pool.run { () throws(TransportError) in try Self.lookUp(host, port, AI_ADDRCONFIG) }
    }

    private static func lookUp(
        _ host: String, _ port: UInt16, _ flags: Int32
    ) throws(TransportError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard result == 0 else {
            // SAFETY: gai_strerror returns a constant.
            throw .unresolved(host: host, reason: unsafe String(cString: gai_strerror(result)))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        // SAFETY: the list lives until `freeaddrinfo`; each address has the stated length.
        var next = unsafe list
        while let entry = unsafe next {
            let bytes = unsafe UnsafeRawBufferPointer(
                start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
            if let address = unsafe SocketAddress(parsing: bytes, length: bytes.count) { addresses.append(address) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }
}
