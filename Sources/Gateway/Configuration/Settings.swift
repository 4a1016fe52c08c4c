import Adapters
public import Recorder
public import Transport

/// What `wiretrail.yaml` says, as values. Fields have the names of the file's keys; docs/config.md tells what they mean.
public struct Settings: Sendable {
    /// Of the file's form; 1.
    public var version = 1
    /// Keys, trusted keys, catalog, journal and control socket; `nil`: the default of the user who runs the gateway.
    public var state: String?
    public var listeners: [Listener] = []
    public var targets: [Target] = []
    public var identities = Identities()
    public var rules = RuleSet()
    public var recording = Recording()
    public var limits = Limits()
    public var control = Control()
    /// `nil`: there is no such listener.
    public var metrics: Metrics?
    public var log = Logging()
}

extension Settings {
    /// Where recordings go, and how surely.
    public struct Recording: Sendable, Hashable {
        /// `nil`: the default of the user who runs the gateway.
        public var folder: String?
        public var durability = RecorderConfiguration.Durability.normal
        /// With less free space than this no connection is let in, in bytes.
        public var minimumFree = 256 << 20
        /// Names of parameters in queries of HTTP whose values are filler, besides the usual ones.
        public var secretParameters: [String] = []
    }

    /// What a caller may use up.
    public struct Limits: Sendable, Hashable {
        /// Connections at once; those beyond wait in the kernel's backlog.
        public var connections = 10_000
        /// From accepting a connection to knowing who calls.
        public var login = Duration.seconds(10)
        /// How long work under way may go on while the gateway ends.
        public var drain = Duration.seconds(10)
        /// The longest message, in bytes.
        public var message = 1 << 30
        /// The longest statement that is held whole, in bytes, to be judged and looked through for secrets.
        public var statement = 1 << 20
    }

    public struct Control: Sendable, Hashable {
        /// `nil`: control.sock in the state folder.
        public var socket: String?
    }

    /// Metrics, health and readiness over HTTP.
    public struct Metrics: Sendable, Hashable {
        public var address: SocketAddress
    }

    /// What goes to standard error.
    public struct Logging: Sendable, Hashable {
        public var format = Log.Format.text
        public var level = LogLevel.info
    }
}

extension Settings {
    /// The sections that say something else here than there, of those that count from a start on.
    public func sectionsThatWait(since started: Settings) -> [String] {
        [
            ("state", state != started.state), ("recording", recording != started.recording),
            ("control", control != started.control), ("metrics", metrics != started.metrics),
        ].filter(\.1).map(\.0)
    }
}

// MARK: Reading

extension Settings {
    init?(_ section: SettingsSection) {
        if let version = section.required("version", .count(1...Int.max, example: 1)), version != 1 {
            section.report("version", "version \(version) is not known to this program", "write: version: 1")
        }
        state = section.optional("state", .path(section.context.folder))
        // Who there is comes first: all else refers to it.
        identities = section.section("identities", Identities.init) ?? Identities()
        var names = SettingsNames(section, identities)
        listeners = section.sections("listeners") { Listener($0, names) }
        if listeners.contains(where: { $0.logins.contains(.local) }) { names.hasForeignUsers = true }
        targets = section.sections("targets", unique: "name") { Target($0, names) }
        rules = section.section("rules") { RuleSet($0, names) } ?? RuleSet()
        recording = section.section("recording", Recording.init) ?? Recording()
        limits = section.section("limits", Limits.init) ?? Limits()
        control = section.section("control", Control.init) ?? Control()
        metrics = section.section("metrics", Metrics.init)
        log = section.section("log", Logging.init) ?? Logging()
        check(section)
    }
}

extension Settings.Recording {
    init?(_ section: SettingsSection) {
        folder = section.optional("folder", .path(section.context.folder))
        durability = section.value("durability", .word, default: durability)
        minimumFree = section.value("minimumFree", .bytes(16 << 20...1 << 50, example: "256MiB"), default: minimumFree)
        secretParameters = section.list("secretParameters", .parameterName)
    }
}

extension Settings.Limits {
    init?(_ section: SettingsSection) {
        connections = section.value("connections", .count(1...1_000_000, example: 10_000), default: connections)
        login = section.value("login", .duration(.seconds(1)...(.seconds(60)), example: "10s"), default: login)
        drain = section.value("drain", .duration(.zero...(.seconds(3600)), example: "10s"), default: drain)
        message = section.value("message", .bytes(1 << 20...1 << 30, example: "1GiB"), default: message)
        statement = section.value("statement", .bytes(1 << 10...64 << 20, example: "1MiB"), default: statement)
        if statement > message {
            section.report("statement", "a statement may be longer than a message", "raise “message”, or lower this")
        }
    }
}

extension Settings.Control {
    init?(_ section: SettingsSection) {
        socket = section.optional("socket", .path(section.context.folder))
        if let socket { section.checkSocketLength("socket", socket) }
    }
}

extension Settings.Metrics {
    init?(_ section: SettingsSection) {
        guard let address = section.required("address", .address) else { return nil }
        self.address = address
    }
}

extension Settings.Logging {
    init?(_ section: SettingsSection) {
        format = section.value("format", .word, default: format)
        level = section.value("level", .word, default: level)
    }
}
