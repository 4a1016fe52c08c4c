import Adapters
import Gateway
import Protocols
import Transport

extension Command {
    static let configExplain = Command(
        name: "config explain",
        summary: "tell what the rules would say of something, and why",
        discussion: """
            Reads the configuration, and the statement as the gateway reads it: what it does to which tables, which columns
            and functions it uses. Then it tells what becomes of it, and which rule decides. Nothing is connected to.

            For a target that speaks HTTP it is a request, "GET /path"; or an MCP tool, "tools/call NAME {arguments}", or
            another JSON-RPC method.

            Groups are those that the configuration gives to the user; --group adds those that a token would.
            """,
        operands: [Operand(name: "WHAT", help: "SQL: the statement, or several; or an HTTP request")],
        options: [.asUser, .asGroup, .atTarget, .atTime, .configuration, .json],
        examples: [
            Example("wiretrail config explain --as alice --target orders VACUUM", "may she? Quote longer SQL"),
            Example(
                "wiretrail config explain --as ci --target orders --at 2026-11-21T23:00Z CHECKPOINT", "at that time"),
            Example("wiretrail config explain --as ci --target files 'tools/call rm {}'", "of a tool"),
        ],
        run: { (arguments) throws(Failure) in try ConfigExplainCommand(arguments).run() })
}

extension Option {
    fileprivate static let asUser = Option("as", "USER", help: "who would send it; must be given")
    fileprivate static let asGroup = Option(
        "group", "GROUP", help: "a group that the user is in besides", isRepeatable: true)
    fileprivate static let atTarget = Option("target", "TARGET", help: "where it would go; must be given")
    fileprivate static let atTime = Option("at", "TIME", help: "when, in UTC: 2026-11-21T04:16Z; default: now")
    fileprivate static let configuration = Option(
        "config", "FILE", help: "the configuration; default: ./wiretrail.yaml, or /etc/wiretrail/wiretrail.yaml")
}

/// Holds one statement or request against the rules of a configuration.
private struct ConfigExplainCommand {
    private let identity: Identity
    private let target: String
    private let time: Int64
    private let rules: RuleSet
    private let subject: ExplainedSubject
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(Failure) {
        let settings = try ConfigurationFile.read(arguments[.configuration]).settings
        guard let user = arguments[.asUser] else {
            throw .usage("nobody is named who would send it", "write: --as USER")
        }
        guard let target = settings.targets.first(where: { $0.name == arguments[.atTarget] }) else {
            let names = settings.targets.map(\.name).joined(separator: ", ")
            throw .usage(
                arguments[.atTarget].map { "there is no target “\($0)”" } ?? "no target is named",
                "write --target and one of: \(names)")
        }
        let groups = settings.identities.groups(of: user) + arguments.all(.asGroup)
        identity = Identity(subject: user, groups: groups, method: "config explain")
        self.target = target.name
        time = try Self.time(arguments[.atTime])
        rules = settings.rules
        subject = try ExplainedSubject(arguments.operands[0], at: target)
        isJSON = arguments.has(.json)
    }

    private static func time(_ text: String?) throws(Failure) -> Int64 {
        guard let text else { return Timestamp.current().wallNanoseconds }
        guard let time = UTCDate.wallNanoseconds(parsing: text) else {
            throw .usage("--at cannot be “\(text)”: that is no time", "write UTC: 2026-11-21T04:16Z")
        }
        return time
    }

    func run() throws(Failure) -> ExitCode {
        let judgement = subject.judgement(CallerRules(rules, for: identity, on: target), at: time)
        if isJSON {
            try Output.line(JSON.object(judgement.members.merging(subject.members) { $1 }).text)
        } else {
            try Output.line(judgement.sentence)
            for line in subject.lines { try Output.line(line) }
        }
        return .success
    }
}

extension Settings.Identities {
    fileprivate func groups(of name: String) -> [String] {
        users.filter { $0.name == name }.flatMap(\.groups) + tokens.filter { $0.name == name }.flatMap(\.groups)
    }
}

extension Judgement {
    fileprivate var sentence: String {
        switch self {
        case .allow(let rule?): "allow: rule “\(rule.name)” decides"
        case .allow(nil): "allow: no rule speaks against it"
        case .ask(let rule, let cause): "ask: rule “\(rule.name)” decides, because of this: \(cause)"
        case .deny(let rule?, let cause): "deny: rule “\(rule.name)” decides, because of this: \(cause)"
        case .deny(nil, let cause): "deny: no rule allows this: \(cause)"
        }
    }

    fileprivate var members: [String: JSON] {
        func members(_ verdict: String, _ rule: Rule?, _ cause: Cause?) -> [String: JSON] {
            [
                "verdict": .string(verdict), "rule": rule.map { .string($0.name) } ?? .null,
                "cause": cause.map { .string($0.description) } ?? .null,
            ]
        }
        switch self {
        case .allow(let rule): return members("allow", rule, nil)
        case .ask(let rule, let cause): return members("ask", rule, cause)
        case .deny(let rule, let cause): return members("deny", rule, cause)
        }
    }
}
