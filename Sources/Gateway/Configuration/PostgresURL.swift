public import Protocols

/// Where a PostgreSQL server is and who to be there, as psql takes it (PostgreSQL manual §34.1.1.2, "Connection URIs").
///
/// `postgres://` and `postgresql://`; a Unix socket's folder stands percent-encoded in the host's place or in `?host=`.
public struct PostgresURL: Sendable {
    public var user: String?
    public var password: Secret?
    /// A name, an address without brackets, or the folder of a Unix socket.
    public var host = "localhost"
    public var port: UInt16 = 5432
    public var database: String?
    private var sslMode: Settings.Target.TLS.Verification?
    private var sslRoots: String?

    /// What the URL says wrongly, and how to say it. Never holds the password.
    public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        public var cause: String
        public var remedy: String
        public var description: String { "\(cause); \(remedy)" }
    }

    /// - Parameter text: untrusted; a wrong one is told without repeating what may be a password.
    public init(_ text: String) throws(Fault) {
        let rest = try Self.afterScheme(text)
        let (beforeQuery, query) = Self.cut(rest, at: "?")
        let (authority, path) = Self.cut(beforeQuery, at: "/")
        // Nothing of it may be repeated in a message: what follows is most likely a password, cut in two.
        guard authority.contains("@") || !rest.contains("@") else {
            throw Fault(
                cause: "a / or ? stands before the @ of the URL",
                remedy: "in a user's name or password, / is written %2F, ? is %3F, and @ is %40")
        }
        if let at = authority.lastIndex(of: "@") {
            try takeUser(authority[..<at])
            try takeHost(authority[authority.index(after: at)...])
        } else {
            try takeHost(authority)
        }
        if let path, !path.isEmpty { database = try Self.decode(path, "database") }
        for parameter in (query ?? "").split(separator: "&") { try take(parameter) }
    }

    public var isUnixSocket: Bool { host.hasPrefix("/") }

    /// On this machine: nobody stands between.
    var isLocal: Bool { isUnixSocket || ["localhost", "127.0.0.1", "::1"].contains(host) }

    /// TLS towards the server: as the URL says, else in full, but none where nobody stands between.
    public var tls: Settings.Target.TLS {
        var tls = Settings.Target.TLS(verification: sslMode ?? (isLocal ? .off : .full))
        tls.roots = sslRoots
        return tls
    }
}

// MARK: The parts

extension PostgresURL {
    private static func afterScheme(_ text: String) throws(Fault) -> Substring {
        for scheme in ["postgres://", "postgresql://"] where text.lowercased().hasPrefix(scheme) {
            return text.dropFirst(scheme.count)
        }
        if let end = text.firstRange(of: "://") {
            let scheme = text[..<end.lowerBound]
            throw Fault(
                cause: "\(scheme):// is not a protocol that can be recorded",
                remedy: "PostgreSQL can: postgres://USER@HOST/DATABASE")
        }
        throw Fault(
            cause: "the server's address does not begin with postgres://",
            remedy: "write it as a URL: postgres://USER@HOST:PORT/DATABASE")
    }

    private mutating func takeUser(_ text: Substring) throws(Fault) {
        let (name, secret) = Self.cut(text, at: ":")
        if !name.isEmpty { user = try Self.decode(name, "user") }
        if let secret, !secret.isEmpty { password = Secret(Array(try Self.decode(secret, "password").utf8)) }
    }

    private mutating func takeHost(_ text: Substring) throws(Fault) {
        guard !text.contains(",") else {
            throw Fault(
                cause: "the URL names several hosts", remedy: "name one; each server takes a gateway of its own")
        }
        var name = text
        var number: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw Fault(
                    cause: "the bracket of the IPv6 address is not closed", remedy: "write: postgres://[::1]:5432/")
            }
            name = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw Fault(
                    cause: "“\(rest)” follows the IPv6 address", remedy: "only :PORT may: postgres://[::1]:5432/")
            }
            number = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            (name, number) = Self.cut(text, at: ":")
            guard number?.contains(":") != true else {
                throw Fault(
                    cause: "“\(text)” has more than one colon",
                    remedy: "an IPv6 address stands in brackets: postgres://[::1]:5432/; a colon in a password is %3A")
            }
        }
        if !name.isEmpty { host = try Self.decode(name, "host") }
        if let number, !number.isEmpty { port = try Self.port(number) }
    }

    private static func port(_ text: some StringProtocol) throws(Fault) -> UInt16 {
        guard let port = UInt16(text), port > 0 else {
            throw Fault(
                cause: "“\(text)” is no port", remedy: "a port is a number from 1 to 65535; PostgreSQL's own is 5432")
        }
        return port
    }

    private static func cut(_ text: Substring, at character: Character) -> (Substring, Substring?) {
        guard let place = text.firstIndex(of: character) else { return (text, nil) }
        return (text[..<place], text[text.index(after: place)...])
    }

    /// RFC 3986 §2.1.
    private static func decode(_ text: Substring, _ part: String) throws(Fault) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hex.digit), let low = rest.popFirst().flatMap(Hex.digit) else {
                throw Fault(
                    cause: "a % in the \(part) is not followed by two hexadecimal digits",
                    remedy: "a percent sign itself is written %25")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw Fault(cause: "the \(part) is no UTF-8 text", remedy: "percent-encode its UTF-8 bytes")
        }
        return decoded
    }
}

// MARK: Parameters

extension PostgresURL {
    private static let known = ["host", "port", "user", "password", "dbname", "sslmode", "sslrootcert"]

    private mutating func take(_ parameter: Substring) throws(Fault) {
        let (name, value) = Self.cut(parameter, at: "=")
        guard let value else {
            throw Fault(cause: "the parameter \(name) has no value", remedy: "write: ?\(name)=VALUE")
        }
        let text = try Self.decode(value, String(name))
        switch name {
        case "host": host = text
        case "port": port = try Self.port(text)
        case "user": user = text
        case "password": password = Secret(Array(text.utf8))
        case "dbname": database = text
        case "sslmode": sslMode = try Self.verification(sslMode: text)
        case "sslrootcert": sslRoots = text == "system" ? nil : text
        default: throw Self.unknown(String(name))
        }
    }

    /// A mode that leaves open whether there is TLS protects from nobody.
    private static func verification(sslMode: String) throws(Fault) -> Settings.Target.TLS.Verification {
        switch sslMode {
        case "disable": return .off
        case "require": return .none
        case "verify-ca": return .authority
        case "verify-full": return .full
        case "allow", "prefer":
            throw Fault(
                cause: "sslmode=\(sslMode) leaves open whether the connection to the server is encrypted",
                remedy: "write disable, require, verify-ca or verify-full; "
                    + "without any, a server on another machine is verified in full")
        default:
            throw Fault(
                cause: "“\(sslMode)” is no sslmode", remedy: "it is one of disable, require, verify-ca, verify-full")
        }
    }

    private static func unknown(_ name: String) -> Fault {
        let perClient = [
            "application_name", "options", "connect_timeout", "client_encoding", "fallback_application_name",
        ]
        if perClient.contains(name) {
            return Fault(
                cause: "the parameter \(name) belongs to each client, not to the gateway",
                remedy: "leave it out here and give it to psql: psql 'host=127.0.0.1 \(name)=…'")
        }
        return Fault(
            cause: "the URL's parameter “\(name)” is unknown", remedy: "known are: \(known.joined(separator: ", "))")
    }
}
