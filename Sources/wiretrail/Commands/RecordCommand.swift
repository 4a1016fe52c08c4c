import Adapters
import Gateway
import Glibc
import Protocols
import Recorder
import Transport

extension Command {
    static let record = Command(
        name: "record",
        summary: "stand before a PostgreSQL or HTTP server and record it",
        discussion: """
            Listens on loopback, lets in connections of your own user only, and keeps every byte of both directions. The first line on standard output is the address to connect to; everything
            else is said on standard error. SIGTERM and Ctrl-C let statements end and seal every recording; a second
            one ends at once, and the next start seals what was left.

            A server on another machine is reached over TLS and verified in full, unless the URL says otherwise: sslmode
            (disable, require, verify-ca, verify-full) and sslrootcert count as they do for psql.

            PostgreSQL: it logs in to the server by itself. The password is looked up as psql does: in the URL, in
            PGPASSWORD, in PGPASSFILE or ~/.pgpass.

            HTTP, and MCP over it: clients' own credentials pass, and are recorded as filler. https+insecure:// does not
            look at the server's certificate.
            """,
        operands: [
            Operand(
                name: "URL",
                help:
                    "the server: postgres://USER@HOST:PORT/DATABASE (a Unix socket's folder is given as ?host=/FOLDER), "
                    + "http://HOST:PORT or https://HOST"
            )
        ],
        options: [.listen, .metrics, .durability, .recordings, .state],
        examples: [
            Example("wiretrail record postgres://alice@db.example/shop", "before the database shop on db.example"),
            Example(
                "wiretrail record 'postgres:///shop?host=/var/run/postgresql'",
                "before a server on this machine's socket"),
            Example("wiretrail record http://localhost:8000/mcp", "before an MCP server on this machine"),
            Example("wiretrail record https://api.example", "before an API elsewhere"),
            Example("psql postgres://alice@127.0.0.1:6432/shop", "what a client then runs, in another terminal"),
        ],
        takesSignals: true,
        run: { (arguments) async throws(Failure) in try await RecordCommand(arguments).run() })
}

extension Option {
    fileprivate static let listen = Option(
        "listen", "HOST:PORT",
        help:
            "on loopback; port 0 takes any free one (default: 127.0.0.1:6432, for HTTP 8080, or a free port if taken)"
    )
    fileprivate static let metrics = Option(
        "metrics", "HOST:PORT",
        help: "on loopback: health (/healthz, /readyz) and figures for Prometheus (/metrics) over HTTP")
    fileprivate static let durability = Option(
        "durability", "normal|strict",
        help: "normal (default): a killed gateway loses nothing, a power failure at most 0.2 s; "
            + "strict: nothing is forwarded before it is on the disk")
}

/// Runs a gateway until it is told to end.
private struct RecordCommand {
    let arguments: Arguments
    let places: Places

    init(_ arguments: Arguments) throws(Failure) {
        self.arguments = arguments
        places = try Places(arguments)
    }

    func run() async throws(Failure) -> ExitCode {
        let text = arguments.operands[0]
        if HTTPURL.isMeant(by: text) { return try await runHTTP(text) }
        return try await runPostgres(text)
    }

    private func runHTTP(_ text: String) async throws(Failure) -> ExitCode {
        let url: HTTPURL
        do throws(HTTPURL.Fault) { url = try HTTPURL(text) } catch { throw .usage(error.cause, error.remedy) }
        let upstream: HTTPUpstream
        do throws(AssemblyFault) { upstream = try HTTPUpstream(url) } catch { throw .usage(error.cause, error.remedy) }
        let listen = try await ListenAddress.parse(arguments[.listen], standard: .loopback(port: 8080))
        let running = try RunningGateway(
            try await configuration(GatewayConfiguration.Listener(listen, HTTPService(ownersOnly: upstream))))
        try Output.line("http://\(running.gateway.addresses[0])\(url.path)")
        return await serve(running, "recording \(upstream.name) into \(places.recordingsPath)")
    }

    private func runPostgres(_ text: String) async throws(Failure) -> ExitCode {
        let url: PostgresURL
        do throws(PostgresURL.Fault) { url = try PostgresURL(text) } catch { throw .usage(error.cause, error.remedy) }
        // As libpq: PGUSER, else the name of the user who runs this.
        let user = url.user ?? Environment["PGUSER"] ?? SystemUser.current.name
        let password = PostgresPassword(for: url, user: user) { Environment[$0] }
        let upstream: PostgresUpstream
        do throws(AssemblyFault) {
            upstream = try PostgresUpstream(url, user: user, password: password.secret)
        } catch { throw .usage(error.cause, error.remedy) }
        let listen = try await ListenAddress.postgres(arguments[.listen])
        let running = try RunningGateway(
            try await configuration(GatewayConfiguration.Listener(listen, PostgresService(ownersOnly: upstream))))
        try Output.line(PostgresAddress.text(running.gateway.addresses[0], user: user, database: url.database))
        for warning in password.warnings { RunningGateway.log("warning: \(warning)") }
        return await serve(running, "recording \(upstream.name) as \(user) into \(places.recordingsPath)")
    }

    private func serve(_ running: RunningGateway, _ what: String) async -> ExitCode {
        RunningGateway.log(what)
        await running.serve { RunningGateway.log("SIGHUP: there are no settings to read again") }
        return .success
    }

    private func configuration(
        _ configured: GatewayConfiguration.Listener
    ) async throws(Failure) -> GatewayConfiguration {
        var recorder = RecorderConfiguration(
            state: places.statePath, recordings: places.recordingsPath, lanes: EventLoopGroup.coreCount)
        recorder.durability = try arguments.choice(.durability, RecorderConfiguration.Durability.self) ?? .normal
        var listener = configured
        listener.mayMove = arguments[.listen] == nil
        var configuration = GatewayConfiguration([listener], recorder: recorder)
        if let metrics = arguments[.metrics] { configuration.metrics = try await ListenAddress.tcp(metrics, "metrics") }
        configuration.log = Log(.text)
        return configuration
    }
}
