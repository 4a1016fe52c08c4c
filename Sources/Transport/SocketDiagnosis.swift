import CLinux
import Glibc

/// Asks the kernel about one TCP socket: sock_diag(7), the exact look-up of inet_diag.
enum SocketDiagnosis {
    enum Result: Equatable {
        case known(owner: UInt32)
        /// None with these ends, or one that no process holds, or that is not established.
        case noSuchSocket
        /// This kernel or this sandbox does not answer.
        case unavailable
    }

    /// The owner of the socket with these two ends, seen from its own side.
    static func owner(of local: SocketAddress, connectedTo remote: SocketAddress) -> Result {
        guard let identity = identity(local, remote) else { return .noSuchSocket }
        let type = SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(AF_NETLINK, Int32(type), NETLINK_SOCK_DIAG)
        guard descriptor >= 0 else { return .unavailable }
        defer { close(descriptor) }
        var request = Request(family: local.family, identity)
        // SAFETY: the request has no pointers, and the kernel checks its length.
        let sent = unsafe withUnsafeBytes(of: &request) { unsafe send(descriptor, $0.baseAddress, $0.count, 0) }
        guard sent == MemoryLayout<Request>.size else { return .unavailable }
        var answer = Answer()
        // SAFETY: never more than the answer's size is written. The kernel answers within `send`.
        let received = unsafe withUnsafeMutableBytes(of: &answer) {
            unsafe recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        return answer.result(received)
    }

    private struct Request {
        var header = nlmsghdr()
        var query = inet_diag_req_v2()

        init(family: Int32, _ identity: inet_diag_sockid) {
            header.nlmsg_len = UInt32(MemoryLayout<Request>.size)
            header.nlmsg_type = UInt16(SOCK_DIAG_BY_FAMILY)
            header.nlmsg_flags = UInt16(NLM_F_REQUEST)
            query.sdiag_family = UInt8(family)
            query.sdiag_protocol = UInt8(IPPROTO_TCP)
            query.idiag_states = ~0
            query.id = identity
        }
    }

    private struct Answer {
        var header = nlmsghdr()
        var message = inet_diag_msg()

        func result(_ received: Int) -> Result {
            if received >= MemoryLayout<nlmsghdr>.size, header.nlmsg_type == UInt16(NLMSG_ERROR) {
                // The error number is the first field behind the header.
                let number = unsafe withUnsafeBytes(of: message) { unsafe $0.loadUnaligned(as: Int32.self) }
                return number == -ENOENT ? .noSuchSocket : .unavailable
            }
            guard received >= MemoryLayout<Answer>.size, header.nlmsg_type == UInt16(SOCK_DIAG_BY_FAMILY) else {
                return .unavailable
            }
            // Only a socket that a process holds open has an inode, and only an established one proves who is there.
            guard message.idiag_inode != 0, Int(message.idiag_state) == Int(TCP_ESTABLISHED) else {
                return .noSuchSocket
            }
            return .known(owner: message.idiag_uid)
        }
    }

    private static func identity(_ local: SocketAddress, _ remote: SocketAddress) -> inet_diag_sockid? {
        var identity = inet_diag_sockid()
        switch (local, remote) {
        case (.ipv4(let source, let sourcePort), .ipv4(let destination, let destinationPort)):
            identity.idiag_src.0 = source.bigEndian
            identity.idiag_dst.0 = destination.bigEndian
            identity.idiag_sport = sourcePort.bigEndian
            identity.idiag_dport = destinationPort.bigEndian
        case (.ipv6(let source, let sourcePort, let scope), .ipv6(let destination, let destinationPort, _)):
            // SAFETY: both are sixteen bytes without padding.
            identity.idiag_src = unsafe unsafeBitCast(source.bigEndian, to: (UInt32, UInt32, UInt32, UInt32).self)
            identity.idiag_dst = unsafe unsafeBitCast(destination.bigEndian, to: (UInt32, UInt32, UInt32, UInt32).self)
            identity.idiag_sport = sourcePort.bigEndian
            identity.idiag_dport = destinationPort.bigEndian
            identity.idiag_if = scope
        default: return nil
        }
        // INET_DIAG_NOCOOKIE: whichever socket has these ends.
        identity.idiag_cookie = (~0, ~0)
        return identity
    }
}
