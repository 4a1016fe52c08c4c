public import Protocols
public import Transport

/// The PostgreSQL server behind a target, and the credential that its callers never see.
public struct PostgresUpstream: Sendable {
    public enum Host: Sendable, Hashable, CustomStringConvertible {
        case tcp(name: String, port: UInt16)
        /// The socket's path, as in `/var/run/postgresql/.s.PGSQL.5432`.
        case unix(path: String)

        public var description: String {
            switch self {
            case .tcp(let name, let port): name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
            case .unix(let path): path
            }
        }
    }

    public var host: Host
    /// Who the gateway logs in as; `nil`: whoever the caller says that it is.
    public var user: String?
    /// Where callers are taken that do not ask for a database of their own.
    public var database: String?
    public var password: Password
    /// Whether every session gets ``database``, whatever its caller names.
    public var fixesDatabase = false
    /// `nil`: plain text.
    public var tls: TLS?

    /// Where the password is.
    public enum Password: Sendable {
        case none
        case known(Secret)
        /// Read anew for each session, so that it can be changed.
        case configured(Settings.Target.Credential)
    }

    /// TLS towards the server.
    public struct TLS: Sendable {
        public var context: TLSClientContext
        /// Whose certificate is expected.
        public var host: String

        public init(_ context: TLSClientContext, host: String) {
            self.context = context
            self.host = host
        }
    }

    public init(host: Host, user: String?, database: String?, password: Secret?) {
        self.host = host
        self.user = user
        self.database = database
        self.password = password.map(Password.known) ?? .none
    }

    /// For recordings and lists: no credential.
    public var name: String { database.map { "\(host)/\($0)" } ?? "\(host)" }

    /// The startup packet for the upstream, made from the caller's.
    ///
    /// libpq asks for a database named like the user when it is told none, so that name means the upstream's own default.
    func startup(for request: PostgresStartupRequest) -> (bytes: [UInt8], user: [UInt8]) {
        let asked = request.value("user")
        let user = user ?? asked ?? ""
        let wanted = fixesDatabase ? nil : request.value("database").flatMap { $0 == asked ? nil : $0 }
        var parameters: [(name: String, value: [UInt8])] = [(name: "user", value: Array(user.utf8))]
        if let database = wanted ?? database ?? request.value("database") {
            parameters.append((name: "database", value: Array(database.utf8)))
        }
        for parameter in request.parameters where parameter.name != "user" && parameter.name != "database" {
            parameters.append((name: parameter.name, value: parameter.value))
        }
        return (PostgresEncoding.startup(request.version, parameters: parameters), Array(user.utf8))
    }

    /// Connects, in plain text so far.
    func connect(
        on loop: EventLoop, _ resolver: Resolver, within limit: Duration
    ) async throws(TransportError) -> Socket {
        switch host {
        case .unix(let path):
            return try await Socket.connect(to: .unix(path: path), on: loop, within: limit)
        case .tcp(let name, let port):
            let addresses = try await resolver.addresses(of: name, port: port)
            return try await Socket.connect(toFirstOf: addresses, on: loop, within: limit)
        }
    }
}

extension PostgresURL {
    /// Where to connect to.
    public var upstreamHost: PostgresUpstream.Host {
        isUnixSocket ? .unix(path: "\(host)/.s.PGSQL.\(port)") : .tcp(name: host, port: port)
    }
}
