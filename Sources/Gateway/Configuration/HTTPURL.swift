import Protocols

/// Where an HTTP server is (RFC 9110 §4.2): `http://`, `https://`, or `https+insecure://` for one whose certificate is not
/// looked at.
public struct HTTPURL: Sendable, Equatable {
    /// A name, or an address without brackets.
    public var host: String
    public var port: UInt16
    public var isEncrypted: Bool
    /// Where the client's requests are to begin, as given; "/" where nothing is.
    public var path: String
    private var isInsecure: Bool

    /// What the URL says wrongly, and how to say it.
    public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        public var cause: String
        public var remedy: String
        public var description: String { "\(cause); \(remedy)" }
    }

    /// Whether a text names an HTTP server, rightly or wrongly.
    public static func isMeant(by text: String) -> Bool { scheme(of: text) != nil }

    public init(_ text: String) throws(Fault) {
        guard let scheme = Self.scheme(of: text) else {
            throw Fault(cause: "the server's address does not begin with http:// or https://", remedy: Self.example)
        }
        isEncrypted = scheme != "http://"
        isInsecure = scheme == "https+insecure://"
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let authority = rest[..<end]
        path = rest[end...].isEmpty ? "/" : String(rest[end...])
        guard path.hasPrefix("/") else {
            throw Fault(cause: "a / is missing behind the host", remedy: Self.example)
        }
        // Nothing of it may be repeated in a message: it may be a password.
        guard !authority.contains("@") else {
            throw Fault(
                cause: "the URL holds a user or password",
                remedy: "clients bring their own; write it without: http://HOST:PORT")
        }
        (host, port) = try Self.place(authority, standard: isEncrypted ? 443 : 80)
    }

    /// On this machine: nobody stands between.
    var isLocal: Bool { ["localhost", "127.0.0.1", "::1"].contains(host) }

    /// TLS towards the server: verified in full, but not where nobody stands between or the URL says that it is not.
    public var tls: Settings.Target.TLS {
        guard isEncrypted else { return Settings.Target.TLS(verification: .off) }
        return Settings.Target.TLS(verification: isInsecure || isLocal ? .none : .full)
    }

    private static let example = "write it as a URL: http://HOST:PORT"

    private static func scheme(of text: String) -> String? {
        ["http://", "https://", "https+insecure://"].first { text.lowercased().hasPrefix($0) }
    }

    private static func place(
        _ authority: Substring, standard: UInt16
    ) throws(Fault) -> (host: String, port: UInt16) {
        var name = authority
        var number: Substring?
        if authority.hasPrefix("["), let end = authority.lastIndex(of: "]") {
            name = authority[..<end].dropFirst()
            let rest = authority[end...].dropFirst()
            if !rest.isEmpty { number = rest.hasPrefix(":") ? rest.dropFirst() : rest }
        } else if let colon = authority.firstIndex(of: ":") {
            name = authority[..<colon]
            number = authority[colon...].dropFirst()
        }
        guard !name.isEmpty else { throw Fault(cause: "the URL names no host", remedy: example) }
        guard let number, !number.isEmpty else { return (String(name), standard) }
        guard let port = UInt16(number), port > 0 else {
            throw Fault(
                cause: "“\(number)” is no port",
                remedy: "a port is a number from 1 to 65535; an IPv6 address stands in brackets: http://[::1]:8000")
        }
        return (String(name), port)
    }
}

extension HTTPURL: CustomStringConvertible {
    /// With neither the scheme's own port (RFC 9110 §4.2.3) nor a path that says nothing.
    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let number = port == (isEncrypted ? 443 : 80) ? "" : ":\(port)"
        return "\(isEncrypted ? "https" : "http")://\(name)\(number)\(path == "/" ? "" : path)"
    }
}
