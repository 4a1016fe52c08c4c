import Gateway

extension Command {
    static let gateway = Command(
        name: "gateway",
        summary: "stand before many servers, for many people, each by name",
        discussion: """
            Listens where the configuration says, lets in whom it names, and records every connection. Callers name the
            target as their database: psql -h gateway.example -p 6432 -U alice orders. Each address is told on a line of
            standard output; everything else is said on standard error.

            SIGHUP reads the configuration again: those who come later get what it says then, sessions that have begun go on
            under the new rules. When anything is wrong with it, it is refused as a whole. What is new in state, recording,
            control and metrics waits for the next start, and is named. SIGTERM and Ctrl-C let statements end and seal
            every recording; a second one ends at once.

            Without --config it is ./wiretrail.yaml, or else /etc/wiretrail/wiretrail.yaml; docs/config.md tells what may
            stand in it, and `wiretrail config check` what is wrong with it.
            """,
        options: [.config, .recordings, .state],
        examples: [
            Example("wiretrail gateway --config wiretrail.yaml", "as that file says"),
            Example(
                "psql -h gw.example -p 6432 -U alice orders", "what a client runs"),
        ],
        takesSignals: true,
        run: { (arguments) async throws(Failure) in try await GatewayCommand(arguments).run() })
}

extension Option {
    static let config = Option("config", "FILE", help: "the configuration (default: ./wiretrail.yaml, or the system's)")
}

/// Runs what a configuration file describes.
private struct GatewayCommand {
    private let settings: LiveConfiguration

    init(_ arguments: Arguments) throws(Failure) {
        settings = LiveConfiguration(arguments[.config], try Places(arguments))
    }

    func run() async throws(Failure) -> ExitCode {
        let running = try RunningGateway(try await settings.start())
        await settings.attach(running.gateway)
        for address in running.gateway.addresses { try Output.line("\(address)") }
        let targets = running.gateway.addresses.count
        RunningGateway.log("listening at \(targets) address\(targets == 1 ? "" : "es")")
        await running.serve { await hangUp() }
        return .success
    }

    /// What there is to say of sections that wait for the next start.
    private static func words(_ waiting: [String]) -> String {
        waiting.isEmpty ? "" : "; what changed in \(waiting.joined(separator: ", ")) waits for the next start"
    }

    private func hangUp() async {
        do throws(ConfigurationFile.Problems) {
            let (path, waiting) = try await settings.reload()
            RunningGateway.log(
                "\(path) is read again: rules and log count at once, all else for whoever comes from now on"
                    + Self.words(waiting))
        } catch {
            Output.report(error.reported())
            RunningGateway.log("nothing is changed")
        }
    }
}
