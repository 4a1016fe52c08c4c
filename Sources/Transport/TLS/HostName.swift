import CLinux
import Glibc

extension String {
    /// Whether this is an IPv4 or IPv6 address without a scope.
    var isAddress: Bool {
        var bytes = in6_addr()
        return unsafe inet_pton(AF_INET, self, &bytes) == 1 || inet_pton(AF_INET6, self, &bytes) == 1
    }

    /// Whether this can be a host's name: letters, digits, hyphens, underscores, and dots but for the first character.
    var isHostName: Bool {
        (1...253).contains(utf8.count) && utf8.first != UInt8(ascii: ".")
            && utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || "-._".utf8.contains(byte)
            }
    }
}
