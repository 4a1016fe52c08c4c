import Adapters
import Gateway
import Protocols
import Recorder
import Transport

extension Command {
    static let targets = Command(
        name: "targets",
        summary: "print what to type to reach each target",
        discussion: """
            For each target of a configuration, and each address at which it is to be had: a URL that psql, psycopg, asyncpg
            and Go's pgx take, one for JDBC, and the ways to log in. Where the gateway has no certificate of its own, the
            development authority's is named, by which clients know it.

            Without FILE it is ./wiretrail.yaml, or else /etc/wiretrail/wiretrail.yaml.
            """,
        operands: [Operand(name: "FILE", help: "the configuration", isRequired: false)],
        options: [.caller, .host, .state],
        examples: [
            Example("wiretrail targets", "all of them, for yourself"),
            Example("wiretrail targets --as alice --host gw.example.com", "those of alice, to send to her"),
        ],
        run: { (arguments) throws(Failure) in try TargetsCommand(arguments).run() })
}

extension Option {
    fileprivate static let caller = Option(
        "as", "USER", help: "who is to use them; only what that user may use is printed (default: you)")
    fileprivate static let host = Option(
        "host", "NAME", help: "what clients call this machine (default: its own name, or the address)")
}

private struct TargetsCommand {
    private let settings: Settings
    private let state: String
    private let caller: String?
    private let host: String?

    init(_ arguments: Arguments) throws(Failure) {
        settings = try ConfigurationFile.read(arguments.operands.first).settings
        state = if let state = settings.state { state } else { try Places(arguments).statePath }
        (caller, host) = (arguments[.caller], arguments[.host])
    }

    func run() throws(Failure) -> ExitCode {
        let targets = settings.targets.filter { $0.mayBeUsed(by: caller, settings.identities) }
        guard !targets.isEmpty else {
            throw Failure("\(caller ?? "nobody") may use no target", "“allowed” says who may")
        }
        for target in targets {
            try Output.line("\(Style().title(target.name))  is \(target.url.place)")
            for listener in settings.listeners where listener.targets.contains(target.name) {
                try write(listener, target)
            }
        }
        return .success
    }

    private func write(_ listener: Settings.Listener, _ target: Settings.Target) throws(Failure) {
        let logins = Settings.Listener.Login.allCases.filter(listener.logins.contains).map(\.rawValue)
        try Output.line("  at \(listener.address), by \(logins.joined(separator: ", "))")
        switch target.url {
        case .postgres: try writePostgres(listener, target.name)
        case .http: try writeHTTP(listener, target)
        }
    }

    private func writePostgres(_ listener: Settings.Listener, _ target: String) throws(Failure) {
        let line = ClientLine(listener, target, user: caller ?? SystemUser.current.name, host: host, state: state)
        try Output.line("    psql '\(Style().name(line.url))'")
        if let jdbc = line.jdbc { try Output.line("    \(Style().name(jdbc))") }
    }

    private func writeHTTP(_ listener: Settings.Listener, _ target: Settings.Target) throws(Failure) {
        let name = target.route.hosts.first ?? host ?? listener.hosts.first ?? "localhost"
        let port = listener.address.port.map { ":\($0)" } ?? ""
        let url = "\(listener.tls == nil ? "http" : "https")://\(name)\(port)\(target.route.path)"
        let isToken = !listener.logins.isDisjoint(with: [.jwt, .token])
        try Output.line("    curl \(isToken ? "-H \"Authorization: Bearer $TOKEN\" " : "")'\(Style().name(url))'")
    }
}

extension Settings.Target.URL {
    fileprivate var place: String {
        switch self {
        case .postgres(let url): "\(url.upstreamHost)"
        case .http(let url): "\(url)"
        }
    }
}

extension Settings.Target {
    /// Of those whom the file does not name the groups are not known, so they may.
    fileprivate func mayBeUsed(by name: String?, _ identities: Settings.Identities) -> Bool {
        guard let name, let allowed, !allowed.users.contains(name) else { return true }
        let groups =
            identities.users.first { $0.name == name }?.groups ?? identities.tokens.first { $0.name == name }?.groups
        return groups?.contains(where: allowed.groups.contains) ?? !allowed.groups.isEmpty
    }
}
