import Protocols
import Recorder

/// Makes the packets of a recording: the client's leg as one TCP connection that Wireshark dissects.
///
/// What the bytes do not tell (who called, notes, gaps) stands in the packets' comments. No comment holds a secret: the
/// recording has none.
struct PcapngExport: Sendable {
    /// A peer that has received so much acknowledges it.
    private static let acknowledgesAfter = 32_768
    private static let commentLimit = 2000

    private let writer = PcapngWriter()
    private var tcp: SyntheticTCP
    private var reply: EncryptionReply?
    /// Those of the next packet.
    private var comments: [String] = []
    private var lastWall: Int64
    private var isOpen = false

    /// Writes what stands before all packets: the section and the interface. Of several recordings, the first packet of each tells
    /// which it is.
    static func begin(_ headings: [TimelineHeading], into output: inout [UInt8]) {
        let start = headings[0].start
        let place = headings[0].place
        let comment =
            headings.count == 1
            ? CaptureProfile(start).comment(headings[0])
            : "session \(place?.session ?? ""), \(headings.count) connections; the packets are synthesized from the recordings"
        PcapngWriter().begin(
            application: start?.software ?? Software.name, interface: "wiretrail", comment: text(comment), into: &output
        )
    }

    /// The connection of the recording with that number, counted from 1.
    init(_ headings: [TimelineHeading], _ number: UInt32) {
        let heading = headings[Int(number) - 1]
        let profile = CaptureProfile(heading.start, number: number)
        tcp = SyntheticTCP(client: profile.client, server: profile.server)
        reply = heading.start?.protocolID == .postgres && heading.start?.tls != nil ? EncryptionReply() : nil
        lastWall = heading.begun?.wallNanoseconds ?? 0
        if headings.count > 1 { comments.append(Self.text(profile.comment(heading))) }
    }

    mutating func record(_ header: RecordHeader, _ payload: Span<UInt8>, into output: inout [UInt8]) {
        // START is written when the caller is known; what crossed before that has earlier times.
        if header.type != .start { lastWall = header.time.wallNanoseconds }
        switch header.type {
        case .data:
            guard let direction = header.direction else { return }
            open(into: &output)
            data(payload, direction, into: &output)
        case .identity:
            guard let identity = (try? IdentityFacts(payload))?.identity else { return }
            comments.append(Self.text(TimelineEvent(identity, at: header.time).title))
        case .note:
            guard let note = try? Annotation(header, payload) else { return }
            comments.append(Self.text(note))
        case .gap: gap(header, payload)
        case .start, .checkpoint: break
        }
    }

    /// What stands behind the last byte. A connection that was not seen to end is left open.
    mutating func end(_ state: TimelineHeading.State, into output: inout [UInt8]) {
        open(into: &output)
        guard state == .closed else {
            comments.append("the recording ends here: \(state.rawValue)")
            return packet(.clientToServer, .ack, into: &output)
        }
        packet(.clientToServer, [.fin, .ack], into: &output)
        packet(.serverToClient, [.fin, .ack], into: &output)
        packet(.clientToServer, .ack, into: &output)
    }

    /// The handshake (RFC 9293 §3.5), at the time of the first byte: the recording has no other.
    private mutating func open(into output: inout [UInt8]) {
        guard !exchange(&isOpen, with: true) else { return }
        let waiting = exchange(&comments, with: [])
        packet(.clientToServer, .syn, into: &output)
        packet(.serverToClient, [.syn, .ack], into: &output)
        packet(.clientToServer, .ack, into: &output)
        comments = waiting
    }

    private mutating func data(_ payload: Span<UInt8>, _ direction: Direction, into output: inout [UInt8]) {
        if direction == .serverToClient, var waiting = reply {
            let shown = waiting.shown(payload)
            reply = waiting.isOver ? nil : waiting
            if let shown {
                comments.append(EncryptionReply.comment)
                return segments(shown.span, direction, into: &output)
            }
        }
        segments(payload, direction, into: &output)
    }

    private mutating func segments(_ payload: Span<UInt8>, _ direction: Direction, into output: inout [UInt8]) {
        var start = 0
        while start < payload.count {
            let end = min(start + SyntheticTCP.segmentMaximum, payload.count)
            let flags: SyntheticTCP.Flags = end == payload.count ? [.ack, .push] : .ack
            packet(direction, flags, payload.extracting(start..<end), into: &output)
            if tcp.unacknowledged(direction) >= Self.acknowledgesAfter {
                packet(direction.opposite, .ack, into: &output)
            }
            start = end
        }
    }

    private mutating func gap(_ header: RecordHeader, _ payload: Span<UInt8>) {
        let facts = try? GapFacts(payload)
        for direction in header.direction.map({ [$0] }) ?? Direction.allCases {
            // Of a hole of unknown length only that it is there can be shown.
            tcp.skip(max(facts?.length ?? 1, 1), direction)
            let event = TimelineEvent.gap(facts?.length ?? 0, direction, offset: 0, at: header.time)
            comments.append(Self.text("\(event.title): \(facts?.reason ?? "")"))
        }
    }

    private mutating func packet(
        _ direction: Direction, _ flags: SyntheticTCP.Flags, _ payload: Span<UInt8> = Span(),
        into output: inout [UInt8]
    ) {
        let header = tcp.header(direction, flags, payload)
        writer.packet(header, payload, atWall: lastWall, comments: comments, into: &output)
        comments.removeAll(keepingCapacity: true)
    }

    /// "redaction of bytes 12..<40 from the client: …".
    private static func text(_ note: Annotation) -> String {
        let place = "bytes \(note.range.lowerBound)..<\(note.range.upperBound) from the \(note.direction.sender)"
        let other = note.otherLeg.isEmpty ? "" : " (\(note.otherLeg.count) other bytes on the upstream's side)"
        return text("\(note.kind.rawValue), \(place): \(note.reason)") + other
    }

    private static func text(_ comment: String) -> String { DisplayText.line(comment, limit: commentLimit) }
}
