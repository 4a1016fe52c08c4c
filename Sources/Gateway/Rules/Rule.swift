public import Protocols

/// One sentence of the policy: who, where and when; what; and what becomes of it.
///
/// Every part narrows the rule; a part that is left out does not. Within a part, one entry that fits is enough.
public struct Rule: Sendable, Hashable {
    public enum Action: String, Sendable, Hashable, CaseIterable {
        case deny
        case ask
        case allow
    }

    public var name: String
    public var action: Action

    // Who, where and when. Of users and groups, one that fits is enough.
    public var users: [Wildcard] = []
    public var groups: [Wildcard] = []
    public var targets: [Wildcard] = []
    public var hours: RuleHours?

    // What: SQL statements, or HTTP requests; without either, both.
    public var statements: Set<SQLKind> = []
    public var tables: [TablePattern] = []
    /// A statement that uses one of these columns; with ``tables``, of one of these tables.
    public var columns: [Wildcard] = []
    public var functions: [TablePattern] = []
    /// What SET and RESET change: `role`, `search_path`.
    public var settings: [Wildcard] = []
    /// Only UPDATE and DELETE without WHERE.
    public var withoutWhere = false

    public var requests: RequestPattern?

    /// How long a question waits for its answer.
    public var patience = Duration.seconds(300)

    /// For whoever is refused, or waits: the reason, or whom to ask.
    public var message: String?

    public init(_ name: String, _ action: Action) {
        self.name = name
        self.action = action
    }

    /// It concerns everything that anyone may do there.
    var coversEverything: Bool { !isAboutStatements && requests == nil }

    /// It concerns certain SQL statements, and nothing else.
    var isAboutStatements: Bool {
        !statements.isEmpty || !tables.isEmpty || !columns.isEmpty || !functions.isEmpty || !settings.isEmpty
            || withoutWhere
    }

    func concerns(_ identity: Identity, on target: String) -> Bool {
        (users.isEmpty && groups.isEmpty || isAbout(identity))
            && (targets.isEmpty || targets.contains { $0.matches(target) })
    }

    private func isAbout(_ identity: Identity) -> Bool {
        users.contains { $0.matches(identity.subject) }
            || groups.contains { group in identity.groups.contains(where: group.matches) }
    }
}

/// The whole policy of one configuration.
public struct RuleSet: Sendable, Hashable {
    public var rules: [Rule]
    /// What becomes of what no rule decides.
    public var standard: Standard

    public enum Standard: String, Sendable, Hashable, CaseIterable {
        case allow
        case deny
    }

    public init(_ rules: [Rule] = [], standard: Standard = .allow) {
        self.rules = rules
        self.standard = standard
    }

    /// Nothing is ever refused or asked: statements need not be read.
    public var allowsEverything: Bool { standard == .allow && rules.allSatisfy { $0.action == .allow } }
}
