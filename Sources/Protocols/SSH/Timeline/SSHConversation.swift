/// The timeline of an SSH connection as a capture shows it.
public typealias SSHTimeline<Primitives: TimelinePrimitives> = ConversationTimeline<SSHConversation<Primitives>>

/// One event for the greeting, one for the key exchange, one for each way in which it is broken off, and how much went by
/// that cannot be read.
public struct SSHConversation<Primitives: TimelinePrimitives>: Conversation {
    public var events = EventQueue()
    private var greeting = SSHGreetingDraft()
    private var keyExchange = SSHKeyExchangeDraft<Primitives>()
    private var encrypted = SSHEncryptedDraft()
    /// It has been told that these cannot be read; that they still cannot is not told again.
    private var opaque: Set<Direction> = []

    public init(limits: WireLimits, selection: EventSelection) {}

    public mutating func take(
        _ event: WireEvent<SSHMessage>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp
    ) {
        let end = offset &+ UInt64(bytes.count)
        switch event {
        case .message(let message): take(message, direction, offset..<end, bytes, start: start, at: time)
        case .opaque(let reason):
            if opaque.insert(direction).inserted { events.add(.opaque(reason, direction, offset: offset, at: time)) }
        case .body: encrypted.add(offset..<end, direction, at: time)
        case .head, .become: break
        }
    }

    private mutating func take(
        _ message: SSHMessage, _ direction: Direction, _ range: Range<UInt64>, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp
    ) {
        switch message {
        case .line(let line):
            greeting.extent.begin(in: &events, start)
            greeting.add(line: line, in: bytes, range, direction, at: time)
        case .identification(let identification):
            greeting.extent.begin(in: &events, start)
            greeting.add(identification, in: bytes, range, direction, at: time)
            if greeting.isComplete { endGreeting() }
        case .keyExchangeInit(let message):
            keyExchange.extent.begin(in: &events, start)
            keyExchange.add(SSHOffer(message, in: bytes, from: direction), range, direction, at: time)
            if keyExchange.algorithms?.missing != nil { endKeyExchange(finished: false) }
        case .keyExchange(let number, let payload):
            keyExchange.add(number, payload, in: bytes, range, direction, at: time)
        case .newKeys:
            keyExchange.addNewKeys(range, direction, at: time)
            if keyExchange.isComplete { endKeyExchange(finished: true) }
        case .disconnect(let message):
            endKeyExchange(finished: false)
            events.add(.sshDisconnect(message, in: bytes, range, direction, from: start, at: time))
        case .debug(let message):
            events.add(.sshDebug(message, in: bytes, range, direction, from: start, at: time))
        case .ignore, .unimplemented: break
        }
    }

    public mutating func gap(_ length: UInt64, _ direction: Direction, offset: UInt64, at time: Timestamp) {
        abandon(at: time)
        events.add(.gap(length, direction, offset: offset, at: time))
    }

    public mutating func abandon(at time: Timestamp) {
        endGreeting()
        endKeyExchange(finished: false)
    }

    public mutating func finish(at time: Timestamp) {
        abandon(at: time)
        if let event = exchange(&encrypted, with: SSHEncryptedDraft()).event { events.add(event) }
    }

    private mutating func endGreeting() {
        let draft = exchange(&greeting, with: SSHGreetingDraft())
        if let ticket = draft.extent.ticket { events.close(ticket, draft.event) }
    }

    private mutating func endKeyExchange(finished: Bool) {
        let draft = exchange(&keyExchange, with: SSHKeyExchangeDraft())
        if let ticket = draft.extent.ticket { events.close(ticket, draft.event(finished: finished)) }
    }

    /// The handshake is over in less bytes than lie between two checkpoints; behind it, only counts are kept.
    public func snapshot(_ decoder: SSHDecoder) -> JSON? {
        guard greeting.extent.ticket == nil, keyExchange.extent.ticket == nil, decoder.isEncrypted, events.isEmpty
        else { return nil }
        let opaque = Direction.allCases.filter(self.opaque.contains).map { JSON.unsigned(UInt64($0.rawValue)) }
        return .object(["encrypted": encrypted.snapshot, "opaque": .array(opaque)])
    }

    public static func resume(_ snapshot: JSON, limits: WireLimits) -> (SSHDecoder, SSHConversation)? {
        guard let encrypted = snapshot["encrypted"].flatMap(SSHEncryptedDraft.init),
            let opaque = snapshot["opaque"]?.array
        else { return nil }
        var conversation = SSHConversation(limits: limits, selection: .everything)
        conversation.encrypted = encrypted
        conversation.opaque = Set(
            opaque.compactMap { $0.unsigned.flatMap(UInt8.init(exactly:)).flatMap(Direction.init(rawValue:)) })
        return (SSHDecoder.encrypted(limits: limits), conversation)
    }
}
