import Adapters
import Gateway
import Glibc
import Protocols
import Recorder
import Transport

extension Command {
    static let record = Command(
        name: "record",
        summary: "stand before a PostgreSQL server and record every connection",
        discussion: """
            Listens on loopback, lets in connections of your own user only, logs in to the server by itself, and keeps
            every byte of both directions. The first line on standard output is the address to connect to; everything
            else is said on standard error. SIGTERM and Ctrl-C let statements end and seal every recording; a second
            one ends at once, and the next start seals what was left.

            A server on another machine is reached over TLS and verified in full, unless the URL says otherwise: sslmode
            (disable, require, verify-ca, verify-full) and sslrootcert count as they do for psql.

            The password is looked up as psql does: in the URL, in PGPASSWORD, in PGPASSFILE or ~/.pgpass.
            """,
        operands: [
            Operand(
                name: "URL",
                help: "the server: postgres://USER@HOST:PORT/DATABASE; a Unix socket's folder is given as ?host=/FOLDER"
            )
        ],
        options: [.listen, .metrics, .durability, .recordings, .state],
        examples: [
            Example("wiretrail record postgres://alice@db.example/shop", "before the database shop on db.example"),
            Example(
                "wiretrail record 'postgres:///shop?host=/var/run/postgresql'",
                "before a server on this machine's socket"),
            Example("psql postgres://alice@127.0.0.1:6432/shop", "what a client then runs, in another terminal"),
        ],
        takesSignals: true,
        run: { (arguments) async throws(Failure) in try await RecordCommand(arguments).run() })
}

extension Option {
    fileprivate static let listen = Option(
        "listen", "HOST:PORT",
        help: "on loopback; port 0 takes any free one (default: 127.0.0.1:6432, or a free port if that is taken)")
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
    let url: PostgresURL
    let user: String

    init(_ arguments: Arguments) throws(Failure) {
        self.arguments = arguments
        places = try Places(arguments)
        do throws(PostgresURL.Fault) { url = try PostgresURL(arguments.operands[0]) } catch {
            throw .usage(error.cause, error.remedy)
        }
        // As libpq: PGUSER, else the name of the user who runs this.
        user = url.user ?? Environment["PGUSER"] ?? SystemUser.current.name
    }

    func run() async throws(Failure) -> ExitCode {
        let password = PostgresPassword(for: url, user: user) { Environment[$0] }
        let upstream: PostgresUpstream
        do throws(AssemblyFault) {
            upstream = try PostgresUpstream(url, user: user, password: password.secret)
        } catch { throw .usage(error.cause, error.remedy) }
        let running = try RunningGateway(try await configuration(upstream))
        try Output.line(PostgresAddress.text(running.gateway.addresses[0], user: user, database: url.database))
        for warning in password.warnings { RunningGateway.log("warning: \(warning)") }
        RunningGateway.log("recording \(upstream.name) as \(user) into \(places.recordingsPath)")
        await running.serve { RunningGateway.log("SIGHUP: there are no settings to read again") }
        return .success
    }

    private func configuration(_ upstream: PostgresUpstream) async throws(Failure) -> GatewayConfiguration {
        var recorder = RecorderConfiguration(
            state: places.statePath, recordings: places.recordingsPath, lanes: EventLoopGroup.coreCount)
        recorder.durability = try arguments.choice(.durability, RecorderConfiguration.Durability.self) ?? .normal
        let listen = try await ListenAddress.parse(arguments[.listen])
        var listener = GatewayConfiguration.Listener(listen, PostgresService(ownersOnly: upstream))
        listener.mayMove = arguments[.listen] == nil
        var configuration = GatewayConfiguration([listener], recorder: recorder)
        if let metrics = arguments[.metrics] { configuration.metrics = try await ListenAddress.tcp(metrics, "metrics") }
        configuration.log = Log(.text)
        return configuration
    }
}
