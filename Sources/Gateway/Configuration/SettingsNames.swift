import Protocols

/// The names that parts of the file define and other parts use.
struct SettingsNames {
    var targets: [String]
    /// The protocols that targets speak, by their names; PostgreSQL where none is said.
    private let protocols: [String: String]
    /// Whether tokens or certificates of others can bring users that the file does not name.
    var hasForeignUsers: Bool
    private let users: Set<String>
    private let groups: Set<String>
    private let hasForeignGroups: Bool
    private let identities: Settings.Identities

    /// - Parameter section: the whole file.
    init(_ section: SettingsSection, _ identities: Settings.Identities) {
        targets = section.names(in: "targets")
        protocols = section.texts(in: "targets", of: "protocol")
        self.identities = identities
        users = Set(identities.users.map(\.name) + identities.tokens.map(\.name))
        groups = Set(
            identities.users.flatMap(\.groups) + identities.tokens.flatMap(\.groups)
                + identities.jwt.flatMap(\.groups) + identities.certificates.flatMap(\.groups))
        hasForeignUsers = !identities.jwt.isEmpty || !identities.certificates.isEmpty
        hasForeignGroups = identities.jwt.contains { $0.claims.groups != nil }
    }

    var target: SettingsValue<String> { .known(Set(targets), "target", example: "orders") }

    /// A user's name; where all users are known, one of theirs.
    var user: SettingsValue<String> {
        hasForeignUsers ? .name("alice") : .known(users, "user", example: "alice")
    }

    var group: SettingsValue<String> {
        hasForeignGroups ? .name("analysts") : .known(groups, "group", example: "analysts")
    }

    var targetPattern: SettingsValue<Wildcard> { .pattern(target, Set(targets)) }
    var userPattern: SettingsValue<Wildcard> { .pattern(user, hasForeignUsers ? nil : users) }
    var groupPattern: SettingsValue<Wildcard> { .pattern(group, hasForeignGroups ? nil : groups) }

    /// Those that can be had at a listener of that protocol.
    func targets(speaking id: ProtocolID) -> [String] {
        targets.filter { (protocols[$0] ?? ProtocolDescriptor.postgres.id.rawValue) == id.rawValue }
    }

    /// The ways to log in of a listener that names none: all that the identities provide for.
    func logins(_ id: ProtocolID, isLoopback: Bool, hasClientCA: Bool) -> Set<Settings.Listener.Login> {
        let known: [Settings.Listener.Login] =
            id == .http ? [.jwt, .token, .certificate] : [.scram, .jwt, .token, .certificate]
        let given = known.filter { missing(for: $0) == nil }
        let usable = given.filter { $0 != .certificate || hasClientCA }
        return usable.isEmpty && isLoopback ? [.local] : Set(usable)
    }

    /// What the identities lack for a way to log in; `nil` when nothing.
    func missing(for login: Settings.Listener.Login) -> String? {
        switch login {
        case .scram: identities.users.isEmpty ? "a user to identities: users" : nil
        case .jwt: identities.jwt.isEmpty ? "an issuer to identities: jwt" : nil
        case .token: identities.tokens.isEmpty ? "a token to identities: tokens" : nil
        case .certificate: identities.certificates.isEmpty ? "a pattern to identities: certificates" : nil
        case .local: nil
        }
    }
}

extension SettingsValue<Wildcard> {
    /// A name of this kind, or a pattern that fits at least one of those that are known.
    ///
    /// - Parameter names: `nil` when not all are known.
    fileprivate static func pattern(_ name: SettingsValue<String>, _ names: Set<String>?) -> SettingsValue {
        SettingsValue(name.name, example: name.example) { text, isPlain throws(SettingsFault) in
            guard text.contains("*") else { return Wildcard(try name.parse(text, isPlain) ?? text) }
            let pattern = Wildcard(text)
            guard let names, !names.contains(where: pattern.matches) else { return pattern }
            throw SettingsFault(
                cause: "“\(text)” fits no name that the file defines",
                remedy: "there are: \(names.sorted().prefix(100).joined(separator: ", "))")
        }
    }
}
