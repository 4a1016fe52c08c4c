// Events that every protocol tells alike.

extension TimelineEvent {
    /// Bytes are missing from the recording or capture. A length of 0: nobody knows how many.
    public static func gap(
        _ length: UInt64, _ direction: Direction, stream: UInt32 = 0, offset: UInt64, at time: Timestamp
    ) -> TimelineEvent {
        let amount = length == 0 ? "an unknown number of bytes" : "\(length) byte\(length == 1 ? "" : "s")"
        var event = TimelineEvent(
            sequence: 0, start: time, stream: stream, kind: "gap",
            title: "\(amount) from the \(direction.sender) missing")
        event.setRange(offset..<max(offset, offset &+ length), direction)
        return event
    }

    /// A decision, redaction or difference that the recording notes. The kind is the annotation's own.
    public init(_ annotation: Annotation, at time: Timestamp) {
        self.init(
            sequence: 0, start: time, stream: annotation.stream, kind: annotation.kind.rawValue,
            title: annotation.reason)
        setRange(annotation.range, annotation.direction)
        if annotation.kind == .refused { outcome = .refused(rule: annotation.reason) }
        if !annotation.otherLeg.isEmpty {
            fields.append(Field("otherLeg", .byteCount(UInt64(annotation.otherLeg.count))))
        }
    }

    /// Who is calling became known.
    public init(_ identity: Identity, at time: Timestamp) {
        self.init(
            sequence: 0, start: time, kind: "identity", title: "\(identity.subject), proven by \(identity.method)")
        if !identity.groups.isEmpty { fields.append(Field("groups", .list(identity.groups.map(Value.text)))) }
        for (name, value) in identity.facts.sorted(by: { $0.key < $1.key }) {
            fields.append(Field(name, .text(value)))
        }
    }

    /// A peer broke the protocol: nothing after it can be told apart, in either direction.
    public init(_ fault: WireFault, stream: UInt32 = 0, at time: Timestamp) {
        self.init(
            sequence: 0, start: time, stream: stream, kind: "fault",
            title: "cannot be read from here on: \(fault)")
        setRange(fault.offset..<fault.offset, fault.direction)
    }

    /// From here on only bytes are known.
    public static func opaque(
        _ reason: OpaqueReason, _ direction: Direction, stream: UInt32 = 0, offset: UInt64, at time: Timestamp
    ) -> TimelineEvent {
        let cause =
            switch reason {
            case .tls: "TLS"
            case .encrypted: "encrypted"
            case .unsupported: "not readable"
            }
        var event = TimelineEvent(
            sequence: 0, start: time, stream: stream, kind: "opaque",
            title: "what the \(direction.sender) sends from here on is \(cause)")
        event.setRange(offset..<offset, direction)
        return event
    }

    /// The client's bytes are a request, the server's an answer.
    mutating func setRange(_ range: Range<UInt64>, _ direction: Direction) {
        if direction == .clientToServer { request = range } else { response = range }
    }
}
