import Gateway
import Protocols
import Recorder
import Transport

/// What the configuration file says, and says again when it is read anew: by one reader at a time, whoever asked.
actor LiveConfiguration {
    private let path: String?
    private let places: Places
    private let rules = RuleBook(RuleSet()) { Timestamp.current().wallNanoseconds }
    private let log = Log(.text)
    private var gateway: Gateway?
    /// What the gateway was started with.
    private var started: Settings?
    /// Those in force; they hold keys that were fetched.
    private var identities: IdentityDirectory?

    /// - Parameter path: as given; `nil` for the first of the standard ones that exists.
    init(_ path: String?, _ places: Places) {
        self.path = path
        self.places = places
    }

    /// What to start with. Every problem is told on standard error before the failure is thrown.
    func start() throws(Failure) -> GatewayConfiguration {
        do throws(ConfigurationFile.Problems) {
            var (settings, configuration) = try read()
            started = settings
            identities = configuration.identities
            log.change(settings.log.format, minimum: settings.log.level)
            rules.replace(configuration.policy)
            configuration.reload = { (_) async throws(ControlFault) in
                do throws(ConfigurationFile.Problems) {
                    return try await self.reload().waiting
                } catch {
                    throw ControlFault(.notReloaded, error.summary)
                }
            }
            return configuration
        } catch { throw error.reported() }
    }

    /// From now on `reload` changes this gateway.
    func attach(_ gateway: Gateway) { self.gateway = gateway }

    /// Lets those who come later get what the file says now; nothing changes when anything is wrong with it.
    ///
    /// - Returns: the file's path, and the sections that wait for the next start.
    func reload() throws(ConfigurationFile.Problems) -> (path: String, waiting: [String]) {
        let (settings, configuration) = try read()
        do throws(GatewayError) { try gateway?.offer(configuration.listeners) } catch {
            throw ConfigurationFile.Problems(first: Failure(error))
        }
        gateway?.limit(as: configuration)
        identities = configuration.identities
        rules.replace(configuration.policy)
        log.change(settings.log.format, minimum: settings.log.level)
        return (configuration.source ?? "", started.map(settings.sectionsThatWait) ?? [])
    }

    private func read() throws(ConfigurationFile.Problems) -> (Settings, GatewayConfiguration) {
        let (path, settings) = try ConfigurationFile.load(path)
        do throws(Failure) { return (settings, try assemble(path, settings)) } catch {
            throw ConfigurationFile.Problems(first: error)
        }
    }

    private func assemble(_ path: String, _ settings: Settings) throws(Failure) -> GatewayConfiguration {
        let state: StateFolder
        do throws(StoreFault) { state = try StateFolder(settings.state ?? places.statePath) } catch {
            throw Failure(error)
        }
        do throws(AssemblyFault) {
            var configuration = try GatewayConfiguration(
                settings, state, after: identities, rules: rules, recordings: places.recordingsPath, log: log,
                lanes: EventLoopGroup.coreCount)
            configuration.source = path
            return configuration
        } catch {
            throw .usage("\(path): \(error.cause)", error.remedy)
        }
    }
}

extension ConfigurationFile.Problems {
    /// In one sentence, for whoever asked from elsewhere.
    fileprivate var summary: String {
        let more = others.isEmpty ? "" : ", and \(others.count) more problem\(others.count == 1 ? "" : "s")"
        return first.cause + more
    }
}
