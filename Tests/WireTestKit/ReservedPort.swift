import CLinux
import Glibc

/// A TCP port of 127.0.0.1 that nobody else gets as long as this lives: a socket that does not listen is bound to it.
///
/// Until a server listens there, whoever connects is refused. A server that we start may bind it too, if it sets SO_REUSEADDR as
/// we do, which servers do that are started again (socket(7)); the kernel gives it to nobody who asks for any port.
public final class ReservedPort: Sendable {
    public let number: UInt16
    private let socket = Descriptor(
        Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))

    public init() {
        var isReusable: Int32 = 1
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket.number
        unsafe _ = setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &isReusable, socklen_t(MemoryLayout<Int32>.size))
        // SAFETY: sockaddr_in is a sockaddr of the stated length.
        let isBound = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        precondition(isBound, "no port is free: errno \(errno)")
        number = UInt16(bigEndian: address.sin_port)
    }
}
