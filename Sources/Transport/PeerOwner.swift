import CLinux
import Glibc

/// Who owns the process at the other end of a connection on this machine.
public enum PeerOwner {
    /// The user id of the peer; nil if it cannot be proven, which must count as a stranger.
    ///
    /// For a Unix socket it is what the kernel noted at connect (SO_PEERCRED, unix(7)). For TCP over loopback it is
    /// the owner of the socket at the other end, which must still be open: the kernel reports those that their
    /// process has closed as root's. That costs four system calls and does not wait; only where sock_diag(7) is
    /// missing, a table of all sockets is read, on the pool.
    public static func uid(of socket: Socket, pool: BlockingPool) async -> UInt32? {
        if case .unix = socket.localAddress { return unixPeer(socket.descriptor) }
        guard socket.localAddress.isLoopback, socket.remoteAddress.isLoopback else { return nil }
        let (local, remote) = (socket.remoteAddress, socket.localAddress)
        switch SocketDiagnosis.owner(of: local, connectedTo: remote) {
        case .known(let owner): return owner
        case .noSuchSocket: return nil
        case .unavailable: return await pool.run { SocketTable.owner(of: local, connectedTo: remote) }
        }
    }

    private static func unixPeer(_ descriptor: Int32) -> UInt32? {
        var credentials = ucred()
        var length = socklen_t(MemoryLayout<ucred>.size)
        // SAFETY: the option is a ucred.
        let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
        return result == 0 && length == MemoryLayout<ucred>.size ? credentials.uid : nil
    }
}

/// The kernel's table of TCP sockets as text, /proc/net/tcp and tcp6 (proc(5)). Slow where there are many.
enum SocketTable {
    static func owner(of local: SocketAddress, connectedTo remote: SocketAddress) -> UInt32? {
        guard let text = read(local.family == AF_INET6 ? "/proc/net/tcp6" : "/proc/net/tcp") else { return nil }
        return owner(of: local, connectedTo: remote, in: text)
    }

    /// Only an established socket with an inode proves an owner, as in `SocketDiagnosis`.
    static func owner(of local: SocketAddress, connectedTo remote: SocketAddress, in text: String) -> UInt32? {
        guard let local = name(of: local), let remote = name(of: remote) else { return nil }
        for line in text.utf8.split(separator: UInt8(ascii: "\n")).dropFirst() {
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count > 9, fields[1].elementsEqual(local.utf8), fields[2].elementsEqual(remote.utf8) else {
                continue
            }
            let isHeld = fields[3].elementsEqual("01".utf8) && !fields[9].elementsEqual("0".utf8)
            return isHeld ? UInt32(String(decoding: fields[7], as: UTF8.self)) : nil
        }
        return nil
    }

    /// The kernel prints the address as 32-bit numbers of the machine's byte order, and the port.
    private static func name(of address: SocketAddress) -> String? {
        switch address {
        case .ipv4(let number, let port):
            return hex(number.bigEndian) + ":" + hex(port)
        case .ipv6(let number, let port, _):
            let words = [96, 64, 32, 0].map { hex(UInt32(truncatingIfNeeded: number >> $0).bigEndian) }
            return words.joined() + ":" + hex(port)
        case .unix: return nil
        }
    }

    private static func hex(_ number: some FixedWidthInteger) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: number.bitWidth / 4 - digits.count) + digits
    }

    private static func read(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &piece, piece.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
    }
}
