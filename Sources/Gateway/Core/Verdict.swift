/// What an interceptor decides about one message (or the head of one that is too long to be held whole).
public enum Verdict: Sendable, Equatable {
    /// The original bytes go on, unchanged.
    case forward
    /// The message's original bytes go on; these ranges of them hold secrets and are recorded as filler.
    case forwardRedacted([Range<Int>], reason: String)
    /// Other bytes go on in its place.
    case replace(Replacement)
    /// A rule refuses the message: it goes no further, and its sender gets this reply.
    case refuse(Reply)
    /// The lane waits until the question is answered.
    case ask(Question)
    /// The message goes no further, and nobody is told.
    case swallow(secrets: [Range<Int>], reason: String)
    /// The connection ends; the client gets these last bytes.
    case end(farewell: [UInt8], reason: String)
}

/// Bytes that take the place of a message on the other leg.
public struct Replacement: Sendable, Equatable {
    public var bytes: [UInt8]
    /// Ranges of the original that are recorded as filler.
    public var originalSecrets: [Range<Int>]
    /// Ranges of `bytes` that are recorded as filler.
    public var secrets: [Range<Int>]
    public var reason: String

    public init(_ bytes: [UInt8], originalSecrets: [Range<Int>] = [], secrets: [Range<Int>] = [], reason: String) {
        self.bytes = bytes
        self.originalSecrets = originalSecrets
        self.secrets = secrets
        self.reason = reason
    }
}

/// The answer that a refused message gets.
public struct Reply: Sendable, Equatable {
    public var bytes: [UInt8]
    public var rule: String

    public init(_ bytes: [UInt8], rule: String) {
        self.bytes = bytes
        self.rule = rule
    }
}

/// Something that a person has to decide before a lane goes on.
public struct Question: Sendable, Equatable {
    public var id: UInt64
    public var rule: String
    public var title: String

    public init(id: UInt64, rule: String, title: String) {
        self.id = id
        self.rule = rule
        self.title = title
    }
}
