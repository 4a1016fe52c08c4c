import Protocols

/// How a gateway is, at a glance.
public struct GatewayStatus: Sendable, Equatable {
    public var version: String
    public var processID: Int32
    /// When it started, in nanoseconds since 1970.
    public var since: Int64
    /// Where it listens.
    public var listeners: [String]
    /// The servers that it stands before.
    public var targets: [String]
    /// Why no new connection would be let in; none when it is ready. One clause each.
    public var obstacles: [String]
    /// Open sessions; a count.
    public var sessions: Int
    /// Questions that wait for an answer; a count.
    public var questions: Int
    /// The configuration in force; `nil` where there is no file.
    public var configuration: String?

    public var isReady: Bool { obstacles.isEmpty }

    public init(
        version: String, processID: Int32, since: Int64, listeners: [String], targets: [String],
        obstacles: [String] = [], sessions: Int, questions: Int = 0, configuration: String? = nil
    ) {
        self.version = version
        self.processID = processID
        self.since = since
        self.listeners = listeners
        self.targets = targets
        self.obstacles = obstacles
        self.sessions = sessions
        self.questions = questions
        self.configuration = configuration
    }
}

extension GatewayStatus {
    var members: [String: JSON] {
        [
            "type": "status", "version": .string(version), "pid": .integer(Int64(processID)), "since": .moment(since),
            "ready": .bool(isReady), "obstacles": .array(obstacles.map { .text($0) }),
            "listeners": .array(listeners.map { .text($0) }), "targets": .array(targets.map { .text($0) }),
            "sessions": .integer(Int64(sessions)), "questions": .integer(Int64(questions)),
            "configuration": configuration.map { .text($0) } ?? .null,
        ]
    }

    init?(_ value: JSON) {
        guard let version = value["version"]?.string, let processID = value["pid"]?.integer,
            let since = value["since"]?.moment, let listeners = value["listeners"]?.texts,
            let targets = value["targets"]?.texts, let obstacles = value["obstacles"]?.texts,
            let sessions = value["sessions"]?.integer, let questions = value["questions"]?.integer
        else { return nil }
        self.init(
            version: version, processID: Int32(clamping: processID), since: since, listeners: listeners,
            targets: targets, obstacles: obstacles, sessions: Int(sessions), questions: Int(questions),
            configuration: value["configuration"]?.string)
    }
}
