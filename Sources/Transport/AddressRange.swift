/// Addresses that begin alike (RFC 4632 §3.1, RFC 4291 §2.3): `10.0.0.0/8`, `2001:db8::/32`; or one alone.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    private let first: SocketAddress
    /// Bits that they have in common.
    public let prefixLength: Int

    /// `nil` where `text` is no address in numbers, the prefix is too long, or something stands behind the prefix:
    /// `10.0.0.1/8` is a mistake.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = SocketAddress(host: String(parts[0]), port: 0) else { return nil }
        let width = if case .ipv4 = first { 32 } else { 128 }
        var length = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]), given <= width
            else { return nil }
            length = given
        }
        self.first = first
        prefixLength = length
        guard Self.beginning(of: first, length) == first else { return nil }
    }

    public func contains(_ address: SocketAddress) -> Bool {
        switch (first, address) {
        case (.ipv4, .ipv4), (.ipv6, .ipv6): Self.beginning(of: address, prefixLength) == first
        default: false
        }
    }

    public var description: String { "\(first.host)/\(prefixLength)" }

    /// Without port and scope, and with zeros behind the prefix.
    private static func beginning(of address: SocketAddress, _ length: Int) -> SocketAddress {
        switch address {
        // A shift by all bits or more gives zero.
        case .ipv4(let number, _): .ipv4(number & (.max << (32 - length)), port: 0)
        case .ipv6(let number, _, _): .ipv6(number & (.max << (128 - length)), port: 0, scope: 0)
        case .unix: address
        }
    }
}
