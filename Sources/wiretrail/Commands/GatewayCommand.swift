import Adapters
import Gateway
import Protocols
import Recorder
import Transport

extension Command {
    static let gateway = Command(
        name: "gateway",
        summary: "stand before many servers, for many people, each by name",
        discussion: """
            Listens where the configuration says, lets in whom it names, and records every connection. Callers name the
            target as their database: psql -h gateway.example -p 6432 -U alice orders. Each address is told on a line of
            standard output; everything else is said on standard error.

            SIGHUP reads the configuration again: those who come later get what it says then, sessions that have begun go on
            as they are. When anything is wrong with it, it is refused as a whole. SIGTERM and Ctrl-C let statements end
            and seal every recording; a second one ends at once.

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
    private let path: String?
    private let places: Places
    private let rules = RuleBook(RuleSet()) { Timestamp.current().wallNanoseconds }

    init(_ arguments: Arguments) throws(Failure) {
        path = arguments[.config]
        places = try Places(arguments)
    }

    func run() async throws(Failure) -> ExitCode {
        let (path, configuration) = try configuration()
        rules.replace(configuration.policy)
        let running = try RunningGateway(configuration)
        for address in running.gateway.addresses { try Output.line("\(address)") }
        let targets = configuration.listeners.count
        RunningGateway.log("\(path): listening at \(targets) address\(targets == 1 ? "" : "es")")
        await running.serve { reload(running.gateway) }
        return .success
    }

    private func configuration() throws(Failure) -> (path: String, GatewayConfiguration) {
        let (path, settings) = try ConfigurationFile.read(path)
        let state: StateFolder
        do throws(StoreFault) { state = try StateFolder(settings.state ?? places.statePath) } catch {
            throw Failure(error)
        }
        do throws(AssemblyFault) {
            let configuration = try GatewayConfiguration(
                settings, state, rules: rules, recordings: places.recordingsPath, lanes: EventLoopGroup.coreCount)
            return (path, configuration)
        } catch {
            throw .usage("\(path): \(error.cause)", error.remedy)
        }
    }

    private func reload(_ gateway: Gateway) {
        do throws(Failure) {
            let (path, configuration) = try configuration()
            do throws(GatewayError) { try gateway.offer(configuration.listeners) } catch { throw Failure(error) }
            rules.replace(configuration.policy)
            RunningGateway.log("\(path) is read again: it counts for everybody who comes from now on")
        } catch {
            Output.report(error)
            RunningGateway.log("nothing is changed")
        }
    }
}
