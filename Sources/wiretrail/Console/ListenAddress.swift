import Transport

/// What `--listen` says.
enum ListenAddress {
    /// - Parameter text: `HOST:PORT`, `[IPV6]:PORT`, or the path of a Unix socket; `nil` for the default.
    static func parse(_ text: String?, standard: SocketAddress) async throws(Failure) -> SocketAddress {
        guard let text else { return standard }
        return text.hasPrefix("/") ? .unix(path: text) : try await tcp(text, "listen")
    }

    /// As `parse`, for psql: it finds a Unix socket only by its folder and the port in its name.
    static func postgres(_ text: String?) async throws(Failure) -> SocketAddress {
        let address = try await parse(text, standard: .loopback(port: 6432))
        if case .unix(let path) = address { try checkUnix(path) }
        return address
    }

    /// - Parameters:
    ///   - text: `HOST:PORT` or `[IPV6]:PORT`.
    ///   - option: the one that says so.
    static func tcp(_ text: String, _ option: String) async throws(Failure) -> SocketAddress {
        guard let colon = text.lastIndex(of: ":") else { throw malformed(text, option) }
        var host = text[..<colon]
        guard let port = UInt16(text[text.index(after: colon)...]) else {
            throw .usage(
                "“\(text)” has no port after its last colon",
                "a port is a number up to 65535: --\(option) 127.0.0.1:6432")
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, isBracketed || !host.contains(":") else { throw malformed(text, option) }
        return try await resolve(String(host), port, option)
    }

    /// Loopback only, until callers can be authenticated.
    static func notLoopback(_ address: String) -> Failure {
        .usage(
            "\(address) is not on loopback, and without authentication everybody could come in by it",
            "listen on 127.0.0.1 and let others in by a tunnel: ssh -L 6432:127.0.0.1:6432 THIS-MACHINE")
    }

    private static func resolve(_ host: String, _ port: UInt16, _ option: String) async throws(Failure) -> SocketAddress
    {
        let found: [SocketAddress]
        do throws(TransportError) { found = try await Resolver().addresses(of: host, port: port) } catch {
            throw .usage("\(error)", "listen on a loopback address: --\(option) 127.0.0.1:\(port)")
        }
        guard let address = found.first(where: \.isLoopback) else { throw notLoopback("\(host):\(port)") }
        return address
    }

    private static func checkUnix(_ path: String) throws(Failure) {
        guard PostgresAddress.unixParts(path) != nil else {
            throw .usage(
                "clients do not find a Unix socket of the name \(path)",
                "write it as psql looks for it: --listen /FOLDER/.s.PGSQL.6432")
        }
    }

    private static func malformed(_ text: String, _ option: String) -> Failure {
        .usage("“\(text)” is no address to listen on", "write HOST:PORT, as in: --\(option) 127.0.0.1:6432")
    }
}
