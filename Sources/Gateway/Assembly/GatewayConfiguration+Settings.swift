import Adapters
import Protocols
public import Recorder
import Transport

extension GatewayConfiguration {
    /// What settings mean, with every certificate, key and list that they name loaded.
    ///
    /// - Parameters:
    ///   - state: where the gateway keeps its keys, already made.
    ///   - predecessor: whose identities those of the settings replace.
    ///   - rules: the book that all sessions are judged by; the settings' rules are not in it yet, see ``policy``.
    ///   - recordings: where they go when the settings name no folder.
    ///   - log: what the settings say of it is not in force yet.
    ///   - lanes: how many event loops there are to be.
    public init(
        _ settings: Settings, _ state: StateFolder, after predecessor: IdentityDirectory? = nil, rules: RuleBook,
        recordings: String, log: Log, lanes: Int
    ) throws(AssemblyFault) {
        let assembly = try Assembly(settings, state, after: predecessor, rules, log)
        var listeners: [Listener] = []
        for listener in settings.listeners {
            listeners.append(Listener(listener.address, try assembly.service(listener)))
        }
        var recorder = RecorderConfiguration(
            state: state.path, recordings: settings.recording.folder ?? recordings, lanes: lanes)
        recorder.durability = settings.recording.durability
        recorder.minimumFreeBytes = UInt64(settings.recording.minimumFree)
        self.init(listeners, recorder: recorder)
        identities = assembly.directory
        policy = settings.rules
        self.log = log
        controlSocket = settings.control.socket
        metrics = settings.metrics?.address
        connectionsMaximum = settings.limits.connections
        loginLimit = settings.limits.login
        drainLimit = settings.limits.drain
        limits.messageBytes = settings.limits.message
        limits.statementBytes = settings.limits.statement
        secretParameters = settings.recording.secretParameters
    }
}

/// Makes services of settings.
struct Assembly {
    private let settings: Settings
    let directory: IdentityDirectory
    private let targets: [PostgresTarget]
    private let httpTargets: [HTTPTarget]
    private let state: StateFolder
    private let rules: RuleBook

    init(
        _ settings: Settings, _ state: StateFolder, after predecessor: IdentityDirectory?, _ rules: RuleBook, _ log: Log
    ) throws(AssemblyFault) {
        self.settings = settings
        self.state = state
        self.rules = rules
        directory = try Self.directory(
            settings.identities, after: predecessor, secret: try Self.loginSecret(state), log)
        var targets: [PostgresTarget] = []
        var httpTargets: [HTTPTarget] = []
        for target in settings.targets {
            switch target.url {
            case .postgres(let url): targets.append(try target.assembled(url))
            case .http(let url): httpTargets.append(try target.assembled(url))
            }
        }
        self.targets = targets
        self.httpTargets = httpTargets
    }

    func service(_ listener: Settings.Listener) throws(AssemblyFault) -> GatewayConfiguration.Service {
        listener.protocol == .http ? .http(try httpService(listener)) : .postgres(try postgresService(listener))
    }

    private func httpService(_ listener: Settings.Listener) throws(AssemblyFault) -> HTTPService {
        var service = HTTPService(.routed(httpTargets.filter { listener.targets.contains($0.name) }))
        if listener.logins.contains(.local) { service.owner = .current }
        let methods = Set(listener.logins.compactMap(\.method))
        if !methods.isEmpty { service.logins = HTTPService.Logins(directory, methods) }
        service.tls = try listener.tls?.assembled(state, for: "http/1.1")
        service.rules = rules
        service.hosts = listener.hosts
        service.origins = listener.origins
        service.proxies = listener.proxies
        return service
    }

    private func postgresService(_ listener: Settings.Listener) throws(AssemblyFault) -> PostgresService {
        var admission = PostgresService.Admission()
        if listener.logins.contains(.local) { admission.owner = .current }
        let methods = Set(listener.logins.compactMap(\.method))
        if !methods.isEmpty {
            let policy = PostgresLoginPolicy(
                methods: methods, requiresChannelBinding: listener.channelBinding == .required)
            admission.logins = PostgresService.Logins(directory, policy)
        }
        var service = PostgresService(
            admission, .named(targets.filter { listener.targets.contains($0.name) }),
            tls: try tls(listener))
        service.rules = rules
        return service
    }

    private func tls(_ listener: Settings.Listener) throws(AssemblyFault) -> PostgresService.TLS? {
        guard let tls = listener.tls else { return nil }
        return PostgresService.TLS(try tls.assembled(state, for: "postgresql"), isRequired: tls.mode == .required)
    }

    /// Issuers' servers are verified by the system's roots.
    private static func directory(
        _ identities: Settings.Identities, after predecessor: IdentityDirectory?, secret: Secret, _ log: Log
    ) throws(AssemblyFault) -> IdentityDirectory {
        let tls: TLSClientContext
        do throws(TLSSettingsFault) {
            tls = try TLSClientContext(TLSClientSettings(verification: .full(TLSTrust(roots: .system))))
        } catch { throw AssemblyFault("the system's certificates: \(error)", "install the package ca-certificates") }
        do throws(FileUnusable) {
            return try IdentityDirectory(identities, after: predecessor, secret: secret, resolver: Resolver(), tls: tls)
            {
                log.warning("keys not fetched", .cause($0))
            }
        } catch { throw AssemblyFault("\(error)", "get the keys from the issuer anew") }
    }

    /// What unknown users' challenges are made of: the same after a restart, or strangers could tell who is unknown.
    private static func loginSecret(_ state: StateFolder) throws(AssemblyFault) -> Secret {
        do throws(StoreFault) { return try state.secret("login.secret") { SystemRandom.bytes(32) } } catch {
            throw AssemblyFault("\(error)", "look at the state folder")
        }
    }
}

extension Settings.Listener.Login {
    /// `nil`: the kernel's word, which is no proof that a client shows.
    fileprivate var method: IdentityMethod? {
        switch self {
        case .scram: .scram
        case .jwt: .jwt
        case .token: .staticToken
        case .certificate: .certificate
        case .local: nil
        }
    }
}

extension Settings.Target {
    fileprivate func assembled(_ url: PostgresURL) throws(AssemblyFault) -> PostgresTarget {
        var upstream = PostgresUpstream(
            host: url.upstreamHost, user: credential.user, database: url.database ?? name, password: nil)
        upstream.fixesDatabase = true
        if credential.passwordFile != nil || credential.passwordEnvironment != nil {
            upstream.password = .configured(credential)
        }
        if let context = try tls.assembled() { upstream.tls = PostgresUpstream.TLS(context, host: url.host) }
        return PostgresTarget(name, upstream, allowed: allowed)
    }
}

extension Settings.Target {
    fileprivate func assembled(_ url: HTTPURL) throws(AssemblyFault) -> HTTPTarget {
        var target = HTTPTarget(
            name, HTTPUpstream(host: url.host, port: url.port, tls: try tls.assembled(["http/1.1"])))
        target.base = url.path.count > 1 && url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path
        target.route = route
        target.allowed = allowed
        target.credential = HTTPCredential(credential)
        return target
    }
}
