import CLinux
import Glibc

/// Where a socket is, or is to be.
public enum SocketAddress: Hashable, Sendable {
    /// The address's four bytes as a number: 127.0.0.1 is 0x7F00_0001.
    case ipv4(UInt32, port: UInt16)
    /// The address's sixteen bytes as a number, and the scope of a link-local one. IPv4-mapped ones become `.ipv4`.
    case ipv6(UInt128, port: UInt16, scope: UInt32)
    /// Empty for a client, which has no path.
    case unix(path: String)

    public static func loopback(port: UInt16) -> SocketAddress { .ipv4(0x7F00_0001, port: port) }

    public var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port, _): port
        case .unix: nil
        }
    }

    /// - Parameter host: in numbers, without brackets (inet_pton(3)); `nil` for a name.
    public init?(host: String, port: UInt16) {
        var ipv4 = in_addr()
        var ipv6 = in6_addr()
        // SAFETY: each has the room that its family takes.
        if unsafe inet_pton(AF_INET, host, &ipv4) == 1 {
            self = .ipv4(UInt32(bigEndian: ipv4.s_addr), port: port)
        } else if unsafe inet_pton(AF_INET6, host, &ipv6) == 1 {
            // SAFETY: both are sixteen bytes without padding.
            self.init(unsafe UInt128(bigEndian: unsafeBitCast(ipv6, to: UInt128.self)), port: port, scope: 0)
        } else {
            return nil
        }
    }

    /// The same address with another port; `nil` for a Unix socket.
    public func withPort(_ port: UInt16) -> SocketAddress? {
        switch self {
        case .ipv4(let address, _): .ipv4(address, port: port)
        case .ipv6(let address, _, let scope): .ipv6(address, port: port, scope: scope)
        case .unix: nil
        }
    }

    /// 127.0.0.0/8, ::1, or a Unix socket.
    public var isLoopback: Bool {
        switch self {
        case .ipv4(let address, _): address >> 24 == 127
        case .ipv6(let address, _, _): address == 1
        case .unix: true
        }
    }

    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:5432`, `[::1]:5432`, or the path.
    public var description: String {
        switch self {
        case .ipv4(_, let port): "\(host):\(port)"
        case .ipv6(_, let port, _): "[\(host)]:\(port)"
        case .unix(let path): path
        }
    }

    /// The address without the port, or the path.
    public var host: String {
        switch self {
        case .ipv4(let address, _):
            [24, 16, 8, 0].map { String(address >> $0 & 0xFF) }.joined(separator: ".")
        case .ipv6(let address, _, let scope):
            Self.text(of: address) + (scope == 0 ? "" : "%\(scope)")
        case .unix(let path): path
        }
    }

    /// RFC 5952, by inet_ntop(3).
    private static func text(of address: UInt128) -> String {
        var bytes = address.bigEndian
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        // SAFETY: sixteen bytes in; room for the longest text out, with its end.
        return unsafe inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count)).map { unsafe String(cString: $0) } ?? ""
    }
}

// MARK: The kernel's form

extension SocketAddress {
    /// Lends out the kernel's form. Nil for a Unix path that does not fit.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result? {
        switch self {
        case .ipv4(let number, let port):
            let inner = in_addr(s_addr: number.bigEndian)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr = inner
            return unsafe Self.lend(&address, body)
        case .ipv6(let number, let port, let scope):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            // SAFETY: both are sixteen bytes without padding.
            address.sin6_addr = unsafe unsafeBitCast(number.bigEndian, to: in6_addr.self)
            return unsafe Self.lend(&address, body)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            let room = MemoryLayout.size(ofValue: address.sun_path) - 1
            guard !bytes.isEmpty, bytes.count <= room, !bytes.contains(0) else { return nil }
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
            return unsafe Self.lend(&address, body)
        }
    }

    private static func lend<Address, Result>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        // SAFETY: every sockaddr_* begins as a sockaddr does, and the length goes with it.
        unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    /// Takes what a call such as getsockname(2) writes; nil if the call fails or the family is none of ours.
    init?(filledBy fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: sockaddr_storage holds every address.
        let result = unsafe withUnsafeMutablePointer(to: &storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe fill($0, &length) }
        }
        guard result >= 0 else { return nil }
        // SAFETY: the storage lives through the call.
        let made = unsafe withUnsafeBytes(of: &storage) { unsafe SocketAddress(parsing: $0, length: Int(length)) }
        guard let made else { return nil }
        self = made
    }

    /// Of sixteen bytes; an IPv4-mapped address becomes the IPv4 one.
    private init(_ number: UInt128, port: UInt16, scope: UInt32) {
        let isMapped = number >> 32 == 0xFFFF
        self =
            isMapped
            ? .ipv4(UInt32(truncatingIfNeeded: number), port: port) : .ipv6(number, port: port, scope: scope)
    }

    init?(parsing bytes: UnsafeRawBufferPointer, length: Int) {
        // SAFETY: sockaddr_storage has room for each, and getaddrinfo gives as many bytes as the family has.
        switch Int32(unsafe bytes.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET:
            let address = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
            self = .ipv4(UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            let address = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
            let number = unsafe UInt128(bigEndian: unsafeBitCast(address.sin6_addr, to: UInt128.self))
            let port = UInt16(bigEndian: address.sin6_port)
            self.init(number, port: port, scope: address.sin6_scope_id)
        case AF_UNIX:
            let path = unsafe bytes.prefix(length).dropFirst(MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }
            self = unsafe .unix(path: String(decoding: path, as: UTF8.self))
        default: return nil
        }
    }
}
