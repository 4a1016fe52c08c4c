import Adapters
import Protocols

/// An HTTP server, where callers find it on its listeners, and who may.
public struct HTTPTarget: Sendable {
    /// In recordings, rules and lists.
    public var name: String
    public var upstream: HTTPUpstream
    /// Where the server's part begins that is meant: "/mcp", or "/".
    public var base = "/"
    public var route = Settings.Target.Route()
    /// Who may go there; `nil`: everybody who is let in.
    public var allowed: Settings.Callers?
    /// Who the gateway is there; `nil`: nobody.
    public var credential: HTTPCredential?

    public init(_ name: String, _ upstream: HTTPUpstream) {
        self.name = name
        self.upstream = upstream
    }

    func admits(_ identity: Identity) -> Bool {
        guard let allowed else { return true }
        return allowed.users.contains(identity.subject) || identity.groups.contains { allowed.groups.contains($0) }
    }

    /// How much of a path leads here; `nil`: none of it.
    fileprivate func reach(of path: Span<UInt8>, at host: Span<UInt8>) -> Int? {
        guard route.hosts.isEmpty || host.isAny(of: route.hosts) else { return nil }
        if route.path == "/" { return 0 }
        let length = route.path.utf8.count
        guard path.hasPrefix(route.path), path.count == length || path[length] == UInt8(ascii: "/") else { return nil }
        return length
    }

    /// Whether parts of a path count that servers read differently: they might lead out of the server's part.
    var needsPlainPaths: Bool { base != "/" || route.path != "/" }
}

extension Span<UInt8> {
    /// ASCII letters match either case; the names are in lower case.
    func isAny(of names: [String]) -> Bool {
        for name in names where isEqualIgnoringCase(name) { return true }
        return false
    }
}

extension [HTTPTarget] {
    /// Where a request goes: the longest path decides, and one that names the host before one that names none.
    ///
    /// - Parameters:
    ///   - path: without the query; empty for "/".
    ///   - host: without a port.
    func place(of path: Span<UInt8>, at host: Span<UInt8>) -> Int? {
        var best: (index: Int, rank: (Int, Int))?
        for index in indices {
            guard let reach = self[index].reach(of: path, at: host) else { continue }
            let rank = (reach, self[index].route.hosts.isEmpty ? 0 : 1)
            if best.map({ $0.rank < rank }) ?? true { best = (index, rank) }
        }
        return best?.index
    }
}

/// What the gateway shows an HTTP server. Read anew for each connection, so that one that was changed counts at once.
public struct HTTPCredential: Sendable {
    private let settings: Settings.Target.Credential

    /// `nil` where the settings name no secret.
    public init?(_ settings: Settings.Target.Credential) {
        let secrets = [
            settings.passwordFile, settings.passwordEnvironment, settings.tokenFile, settings.tokenEnvironment,
        ]
        guard secrets.contains(where: { $0 != nil }) else { return nil }
        self.settings = settings
    }

    /// The field that carries it. What callers send under that name never reaches the server.
    var fieldName: String { settings.header ?? "Authorization" }

    /// The field's value. Reads a file.
    func value(environment: (String) -> String?) throws(FileUnusable) -> Secret {
        if let user = settings.user {
            let password = try settings.password(environment: environment)?.bytes ?? []
            let pair = Array("\(user):".utf8) + password
            return Secret(Array("Basic \(Base64.encode(pair.span))".utf8))
        }
        let token = try settings.token(environment: environment)?.bytes ?? []
        return Secret(settings.header == nil ? Array("Bearer ".utf8) + token : token)
    }
}
