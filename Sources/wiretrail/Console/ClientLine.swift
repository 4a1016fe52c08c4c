import Adapters
import Gateway
import Transport

/// What a client is given to reach a target at one address.
struct ClientLine: Sendable {
    /// As psql, psycopg, asyncpg and Go's pgx take it (PostgreSQL manual §34.1.1.2).
    let url: String
    /// `nil` where JDBC cannot go: to a Unix socket.
    let jdbc: String?

    /// - Parameters:
    ///   - host: what clients call this machine; `nil`: find out.
    ///   - state: where the development authority's certificate is.
    init(_ listener: Settings.Listener, _ target: String, user: String, host: String?, state: String) {
        let parameters = Self.parameters(listener.tls, state)
        let address = PostgresAddress.text(
            listener.address, user: user, database: target, host: host ?? Self.name(of: listener.address))
        url = parameters.isEmpty ? address : "\(address)?\(parameters.joined(separator: "&"))"
        let place = address.split(separator: "@", maxSplits: 1).last.map(String.init) ?? address
        let all = ["user=\(PostgresAddress.escape(user))"] + parameters
        jdbc = listener.address.port.map { _ in "jdbc:postgresql://\(place)?\(all.joined(separator: "&"))" }
    }

    private static func parameters(_ tls: Settings.Listener.TLS?, _ state: String) -> [String] {
        guard let tls else { return ["sslmode=disable"] }
        // Without a certificate of its own it shows one of an authority that nobody knows yet.
        guard tls.certificate == nil else { return ["sslmode=verify-full"] }
        let path = PostgresAddress.escape("\(state)/development-ca.crt").replacing("%2F", with: "/")
        return ["sslmode=verify-full", "sslrootcert=\(path)"]
    }

    /// An address that means all of this machine's is none to connect to.
    private static func name(of address: SocketAddress) -> String? {
        switch address {
        case .ipv4(0, _), .ipv6(0, _, _): HostNames.own.first ?? "localhost"
        case .ipv4, .ipv6, .unix: nil
        }
    }
}
