import Protocols

/// The packets that brought an event's bytes.
struct EventPackets: Sendable, Hashable {
    var request: ClosedRange<UInt64>?
    var response: ClosedRange<UInt64>?
}

/// What a flow speaks, as far as its bytes tell.
enum FlowSpeech: Sendable, Equatable {
    /// Nothing was said.
    case silent
    case undecided
    case known(ProtocolID)
    /// TLS from the first byte on; what is inside cannot be seen.
    case tls
    case unknown
}

/// Finds out which protocol a flow speaks, and tells what is said.
struct FlowReader<Listener: FlowListener> {
    private(set) var speech = FlowSpeech.silent
    private(set) var client: FlowSide
    private(set) var packets: [2 of PacketMap]
    /// The events completed since they were last taken.
    private(set) var events: [TimelineEvent] = []
    /// What was said before the protocol was known.
    private var prologue = FlowPrologue()
    /// Whom it is told, once it is known.
    private var listener: Listener?
    /// There is a listener.
    private var isRead = false
    private var isClientCertain = false
    private var conflicts = 0
    private let guide: FlowGuide<Listener>

    let number: UInt64
    let key: FlowKey
    let first: PacketStamp

    /// The end with the lower port passes for the server until more is known.
    init(_ beginning: FlowBeginning, _ first: PacketStamp, _ guide: FlowGuide<Listener>) {
        self.guide = guide
        (number, key) = (beginning.number, beginning.key)
        self.first = first
        packets = .init(repeating: PacketMap(isAsked: guide.context.asksPackets))
        client = key.lower.port < key.higher.port ? .higher : .lower
    }

    /// Bytes held until the protocol is known, or more of a message or an answer has come.
    private(set) var heldCount = 0

    mutating func takeEvents() -> [TimelineEvent] { exchange(&events, with: []) }

    /// The packets that brought an event's request and response. Nobody will ask for those of earlier events any more.
    mutating func packets(_ request: Range<UInt64>?, _ response: Range<UInt64>?) -> EventPackets {
        EventPackets(
            request: request.flatMap { packets[client.rawValue].take($0) },
            response: response.flatMap { packets[client.opposite.rawValue].take($0) })
    }

    /// Nothing more comes.
    mutating func finish(_ stamp: PacketStamp) {
        if !prologue.isEmpty { decide(isLast: true) }
        tell(stamp) { listener, time in listener.finish(at: time) }
    }
}

// MARK: - What reassembly delivers

extension FlowReader: TCPSink {
    mutating func opened(by client: FlowSide) {
        guard !isClientCertain, !isRead else { return }
        self.client = client
        isClientCertain = true
    }

    @inline(__always)
    mutating func data(_ bytes: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp) {
        packets[sender.rawValue].append(bytes.count, packet: stamp.number)
        guard isRead else {
            return wait(with: bytes, from: sender, stamp)
        }
        let direction = direction(of: sender)
        tell(stamp) { listener, time in listener.data(bytes, direction, at: time) }
    }

    mutating func hole(_ length: UInt64, from sender: FlowSide, _ stamp: PacketStamp) {
        packets[sender.rawValue].skip(length)
        note(.hole(length), from: sender, stamp)
    }

    mutating func conflict(_ range: Range<UInt64>, from sender: FlowSide, _ stamp: PacketStamp) {
        conflicts += 1
        guard conflicts <= guide.context.limits.conflicts else { return }
        note(.conflict(range, packet: stamp.number), from: sender, stamp)
    }

    private mutating func note(_ remark: FlowRemark, from sender: FlowSide, _ stamp: PacketStamp) {
        guard isRead else { return prologue.append(remark, from: sender, stamp) }
        tell(remark, from: sender, stamp)
    }

    private func direction(of sender: FlowSide) -> Direction {
        sender == client ? .clientToServer : .serverToClient
    }
}

// MARK: - Reading

extension FlowReader {
    @inline(__always)
    private mutating func tell(_ stamp: PacketStamp, _ act: (inout Listener, Timestamp) -> Void) {
        guard let outcome = listener?.take({ act(&$0, Timestamp(stamp)) }) else { return }
        heldCount = outcome.heldCount
        if events.isEmpty { events = outcome.events } else { events += outcome.events }
    }

    private mutating func tell(_ remark: FlowRemark, from sender: FlowSide, _ stamp: PacketStamp) {
        let direction = direction(of: sender)
        tell(stamp) { listener, time in
            switch remark {
            case .hole(let length): listener.gap(length, direction, at: time)
            case .conflict(let range, let packet):
                let reason = "packet \(packet) brought other bytes here than an earlier packet, whose bytes are shown"
                listener.annotation(Annotation(.fault, direction, range: range, reason: reason), at: time)
            }
        }
    }

}

// MARK: - Which protocol

extension FlowReader {
    /// Takes what is said while it is not known what it means.
    @inline(never)
    private mutating func wait(with bytes: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp) {
        if prologue.isEmpty, begin(with: bytes, from: sender, stamp) { return }
        prologue.append(bytes, from: sender, stamp)
        heldCount = prologue.heldCount
        if speech == .silent { speech = .undecided }
        decide(isLast: false)
    }

    private var search: ProtocolSearch {
        let context = guide.context
        return ProtocolSearch(
            context.forced.map { [$0] } ?? context.protocols, client: client, isClientCertain: isClientCertain)
    }

    /// Most flows tell by their first bytes what they speak: then there is nothing to hold.
    private mutating func begin(with bytes: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp) -> Bool {
        let nothing = Span<UInt8>()
        let (lower, higher) = sender == .lower ? (bytes, nothing) : (nothing, bytes)
        guard case .found(let descriptor, let client, midstream: false) = search.look(at: lower, higher, hasHole: false)
        else { return false }
        self.client = client
        listen(as: .known(descriptor.id), descriptor, since: stamp)
        let direction = direction(of: sender)
        tell(stamp) { listener, time in listener.data(bytes, direction, at: time) }
        return true
    }

    private mutating func decide(isLast: Bool) {
        let context = guide.context
        let (lower, higher) = (prologue[.lower], prologue[.higher])
        let mayWait = !isLast && prologue.heldCount < context.limits.undecided
        switch search.look(at: lower.span, higher.span, hasHole: prologue.hasHole) {
        case .found(let descriptor, let client, let isMidstream):
            self.client = client
            read(prologue.readable, as: .known(descriptor.id), isMidstream: isMidstream, descriptor)
        case .needMore where mayWait, .guessed where mayWait: break
        case .guessed(let descriptor, let client):
            self.client = client
            read(prologue.readable, as: .known(descriptor.id), isMidstream: false, descriptor)
        case .none where mayWait && !isClientCertain && prologue.mayBeginLater:
            // The capture begins within the connection, and this packet within a message: the next may not.
            prologue.skipToLatest()
        case .none, .needMore:
            let speech = context.forced.map { FlowSpeech.known($0.id) } ?? (prologue.isTLS ? .tls : .unknown)
            read(prologue.items, as: speech, isMidstream: false, context.forced)
        }
    }

    private mutating func listen(
        as speech: FlowSpeech, _ descriptor: ProtocolDescriptor?, since begun: PacketStamp
    ) {
        self.speech = speech
        isRead = true
        let context = guide.context
        listener = guide.listen(
            FlowOpening(
                number: number, client: key[client], server: key[client.opposite], descriptor: descriptor,
                begun: Timestamp(begun), limits: context.wireLimits, selection: context.selection),
            speech.name)
    }

    private mutating func read(
        _ said: [FlowPrologue.Item], as speech: FlowSpeech, isMidstream: Bool,
        _ descriptor: ProtocolDescriptor?
    ) {
        listen(as: speech, descriptor, since: said.first?.stamp ?? first)
        prologue = FlowPrologue()
        if isMidstream, let stamp = said.first?.stamp {
            for sender in FlowSide.allCases { tell(.hole(0), from: sender, stamp) }
        }
        for item in said {
            switch item.content {
            case .bytes(let bytes):
                let direction = direction(of: item.sender)
                tell(item.stamp) { listener, time in listener.data(bytes.span, direction, at: time) }
            case .remark(let remark): tell(remark, from: item.sender, item.stamp)
            }
        }
    }
}

extension Timestamp {
    /// A capture knows one clock only.
    init(_ stamp: PacketStamp) {
        self.init(
            monotonicNanoseconds: UInt64(max(0, stamp.wallNanoseconds)), wallNanoseconds: stamp.wallNanoseconds)
    }
}
