import Protocols
import Transport

/// Whom a proxy forwards for, in its words (RFC 7239 §6).
enum ForwardedNode: Sendable, Hashable, CustomStringConvertible {
    /// Without a port.
    case address(SocketAddress)
    case unknown
    /// A name that means something to the proxy alone; it begins with `_`.
    case obfuscated(String)

    private static let nameMaximum = 255

    /// - Parameter allowsBare: IPv6 without brackets, as X-Forwarded-For has it.
    init?(_ text: String, allowsBare: Bool) {
        if allowsBare, let address = SocketAddress(host: text, port: 0) {
            self = .address(address)
            return
        }
        var name = text[...]
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            name = text[...end]
        } else if let colon = text.firstIndex(of: ":") {
            name = text[..<colon]
        }
        guard Self.isPort(text[name.endIndex...]), let node = Self.node(name) else { return nil }
        self = node
    }

    private static func node(_ name: Substring) -> ForwardedNode? {
        if name.hasPrefix("[") {
            guard let address = SocketAddress(host: String(name.dropFirst().dropLast()), port: 0),
                name.contains(":")
            else { return nil }
            return .address(address)
        }
        if name.lowercased() == "unknown" { return .unknown }
        if isObfuscated(name) { return .obfuscated(String(name)) }
        return name.contains(":") ? nil : SocketAddress(host: String(name), port: 0).map { .address($0) }
    }

    /// Nothing, or a colon with a number or a name of the proxy's own.
    private static func isPort(_ text: Substring) -> Bool {
        if text.isEmpty { return true }
        let port = text.dropFirst()
        return text.hasPrefix(":")
            && (isObfuscated(port)
                || (1...5).contains(port.utf8.count) && port.utf8.allSatisfy { (0x30...0x39).contains($0) })
    }

    private static func isObfuscated(_ text: Substring) -> Bool {
        text.utf8.count <= nameMaximum && text.wholeMatch(of: /_[A-Za-z0-9._-]+/) != nil
    }

    /// As Forwarded has it: quoted where it is of IPv6.
    var element: String {
        switch self {
        case .address(.ipv6): "\"\(self)\""
        default: description
        }
    }

    var description: String {
        switch self {
        case .address(.ipv4(let number, _)): SocketAddress.ipv4(number, port: 0).host
        // Which interface it came by (RFC 4007 §11) says nothing elsewhere.
        case .address(.ipv6(let number, _, _)): "[\(SocketAddress.ipv6(number, port: 0, scope: 0).host)]"
        case .address(.unix), .unknown: "unknown"
        case .obfuscated(let name): name
        }
    }
}
