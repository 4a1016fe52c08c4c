import Protocols

/// Something that a person has to decide before a session goes on.
public struct OpenQuestion: Sendable, Equatable {
    public var id: UInt64
    public var session: UInt64
    /// Who is behind the session; may not answer.
    public var asker: String
    /// The rule that demands the answer.
    public var rule: String
    /// What is to be allowed or denied, such as a statement's text.
    public var title: String
    /// Nanoseconds since 1970.
    public var asked: Int64
    /// When it counts as denied, in nanoseconds since 1970.
    public var expires: Int64

    public init(
        id: UInt64, session: UInt64, asker: String, rule: String, title: String, asked: Int64, expires: Int64
    ) {
        self.id = id
        self.session = session
        self.asker = asker
        self.rule = rule
        self.title = title
        self.asked = asked
        self.expires = expires
    }
}

extension OpenQuestion {
    var members: [String: JSON] {
        [
            "type": "question", "question": .unsigned(id), "session": .unsigned(session), "identity": .text(asker),
            "rule": .text(rule), "title": .text(title), "asked": .moment(asked), "expires": .moment(expires),
        ]
    }

    init?(_ value: JSON) {
        guard let id = value["question"]?.unsigned, let session = value["session"]?.unsigned,
            let asker = value["identity"]?.string, let rule = value["rule"]?.string,
            let title = value["title"]?.string, let asked = value["asked"]?.moment,
            let expires = value["expires"]?.moment
        else { return nil }
        self.init(
            id: id, session: session, asker: asker, rule: rule, title: title, asked: asked, expires: expires)
    }
}
