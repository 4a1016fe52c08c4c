/// An address and port, as START names them: `127.0.0.1:5432`, `[::1]:5432`.
struct InternetAddress: Sendable, Hashable {
    /// In the order of the network: 4 or 16 bytes.
    var host: [UInt8]
    var port: UInt16

    /// `nil` for Unix sockets, names and whatever else is not two numbers.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        let bytes = host.hasPrefix("[") ? Self.ipv6(host.dropFirst().dropLast()) : Self.ipv4(host)
        guard let bytes else { return nil }
        self.init(host: bytes, port: port)
    }

    init(host: [UInt8], port: UInt16) {
        self.host = host
        self.port = port
    }

    var isIPv4: Bool { host.count == 4 }

    /// IPv4 addresses as IPv6 ones (RFC 4291 §2.5.5.2), for where the other peer has no IPv4 address.
    var mapped: InternetAddress {
        guard isIPv4 else { return self }
        return InternetAddress(host: [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + host, port: port)
    }

    private static func ipv4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap(\.self)
        return bytes.count == 4 ? bytes : nil
    }

    /// RFC 4291 §2.2, forms 1 and 2. A scope is of no use elsewhere, and left out.
    private static func ipv6(_ text: Substring) -> [UInt8]? {
        let address = text.prefix { $0 != "%" }
        guard let gap = address.firstRange(of: "::") else {
            let bytes = groups(address)
            return bytes?.count == 16 ? bytes : nil
        }
        guard let head = groups(address[..<gap.lowerBound]), let tail = groups(address[gap.upperBound...]),
            head.count + tail.count < 16
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16) else { return nil }
            bytes += [UInt8(group >> 8), UInt8(truncatingIfNeeded: group)]
        }
        return bytes
    }
}
