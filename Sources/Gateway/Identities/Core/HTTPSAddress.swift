/// Where an issuer serves its keys: an https URL as the configuration has it.
struct HTTPSAddress: Sendable, Hashable {
    /// A name, or an address without brackets.
    let host: String
    let port: UInt16
    /// Path and query, as they go into a request.
    let target: String
    /// Host and port as a request names them (RFC 9110 §7.2).
    let authority: String

    /// `nil` unless it is https with a host, and printable ASCII throughout.
    init?(_ url: String) {
        let scheme = "https://"
        guard url.hasPrefix(scheme), url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        let rest = url.dropFirst(scheme.count)
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        authority = String(rest[..<end])
        target = end < rest.endIndex ? String(rest[end...]) : "/"
        guard !authority.contains("@"), !authority.contains("?"), !rest.contains("#") else { return nil }
        var name = authority[...]
        var number: Substring?
        if name.hasPrefix("["), let close = name.firstIndex(of: "]") {
            number = name[name.index(after: close)...]
            name = name[name.index(after: name.startIndex)..<close]
        } else if let colon = name.firstIndex(of: ":") {
            number = name[colon...]
            name = name[..<colon]
        }
        guard !name.isEmpty else { return nil }
        host = String(name)
        guard let number, !number.isEmpty else {
            port = 443
            return
        }
        guard number.first == ":", let port = UInt16(number.dropFirst()), port > 0 else { return nil }
        self.port = port
    }

    /// Asks for the whole document, as it is, and for nothing after it (RFC 9112 §3).
    var request: [UInt8] {
        let lines = [
            "GET \(target) HTTP/1.1", "Host: \(authority)", "Accept: application/json, application/jwk-set+json",
            "Accept-Encoding: identity", "User-Agent: wiretrail", "Connection: close",
        ]
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}
