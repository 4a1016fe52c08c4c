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
    /// The message waits until it is known whom its credential proves, and is judged again.
    case identify
    /// The message waits until all of its content is there, up to a limit, and is judged again with it. Whoever sends it is
    /// told `words` first.
    case gather(limit: Int, words: [UInt8])
    /// The message waits until its upstream is there, or cannot be had, and is judged again.
    case reach
    /// The message goes no further: the gateway answers its sender in the other side's place.
    case answer([UInt8], secrets: [Range<Int>], reason: String)
    /// The question is settled in the message's favour, which is judged again. In answer to a question only.
    case judgeAgain
    /// The message goes no further, and nobody is told.
    case swallow(secrets: [Range<Int>], reason: String)
    /// The message goes no further, and the connection ends; the client gets these last bytes.
    case end(farewell: [UInt8], secrets: [Range<Int>] = [], reason: String)
}

/// Bytes that take the place of a message on the other leg.
public struct Replacement: Sendable, Equatable {
    public var bytes: [UInt8]
    /// Ranges of the original that are recorded as filler.
    public var originalSecrets: [Range<Int>]
    /// Ranges of `bytes` that are recorded as filler.
    public var secrets: [Range<Int>]
    public var reason: String
    /// Whether the body that follows a replaced head goes on behind the new one.
    public var keepsBody: Bool

    public init(
        _ bytes: [UInt8], originalSecrets: [Range<Int>] = [], secrets: [Range<Int>] = [], reason: String,
        keepsBody: Bool = false
    ) {
        self.bytes = bytes
        self.originalSecrets = originalSecrets
        self.secrets = secrets
        self.reason = reason
        self.keepsBody = keepsBody
    }
}

/// What becomes of a refused message.
public struct Reply: Sendable, Equatable {
    /// What its sender is told at once.
    public var bytes: [UInt8]
    /// What its receiver gets in its place, where that keeps the two in step.
    public var instead: [UInt8]
    public var rule: String
    /// Ranges of the original that are recorded as filler.
    public var originalSecrets: [Range<Int>]

    public init(_ bytes: [UInt8], instead: [UInt8] = [], rule: String, originalSecrets: [Range<Int>] = []) {
        self.bytes = bytes
        self.instead = instead
        self.rule = rule
        self.originalSecrets = originalSecrets
    }
}

/// Something that a person has to decide before a lane goes on.
public struct Question: Sendable, Equatable {
    /// Unique within its connection.
    public var id: UInt64
    public var rule: String
    public var title: String
    /// How long it waits for its answer; then it counts as denied.
    public var patience: Duration

    public init(id: UInt64, rule: String, title: String, patience: Duration = .seconds(300)) {
        self.id = id
        self.rule = rule
        self.title = title
        self.patience = patience
    }
}

/// What became of a question.
public enum Answer: Sendable, Equatable, CustomStringConvertible {
    case allowed(by: String, reason: String)
    case denied(by: String, reason: String)
    case expired
    /// Too many questions are open, or there is nobody to ask.
    case unanswerable
    /// Whoever asked gave up.
    case cancelled

    public var description: String {
        switch self {
        case .allowed(let by, let reason): "allowed by \(by)" + (reason.isEmpty ? "" : ": \(reason)")
        case .denied(let by, let reason): "denied by \(by)" + (reason.isEmpty ? "" : ": \(reason)")
        case .expired: "denied: nobody answered in time"
        case .unanswerable: "denied: nobody can answer"
        case .cancelled: "withdrawn: the asker cancelled"
        }
    }
}
