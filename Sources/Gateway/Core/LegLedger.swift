public import Protocols

/// Keeps count of what has crossed the client leg, and says what the recording gets: the client leg's bytes with filler
/// for secrets, and a note for each difference between the legs. Client leg plus notes give the upstream leg.
public struct LegLedger: Sendable {
    /// What one action adds to the recording, in this order.
    public enum Entry: Sendable, Equatable {
        /// Bytes of the window, as they came.
        case window(Direction, Range<Int>)
        /// Bytes that differ from the window: redacted, or our own.
        case bytes(Direction, [UInt8])
        case note(Annotation)
    }

    /// What takes a secret's place: as many of these as the secret has bytes.
    public static let filler = UInt8(ascii: "*")

    /// Bytes of the client leg so far.
    public private(set) var fromClient: UInt64 = 0
    public private(set) var toClient: UInt64 = 0

    public init() {}

    /// Bytes of the client leg that went on as they came.
    public mutating func forwarded(_ count: Int, _ direction: Direction) { advance(direction, by: count) }

    /// A fact about the connection as a whole, at the place that it has reached.
    public func remark(_ reason: String) -> Annotation {
        Annotation(.information, .clientToServer, range: fromClient..<fromClient, reason: reason)
    }

    /// `window` is what the action's ranges count in; it was read from `direction`'s sender.
    public mutating func entries(
        for action: ProxyAction, _ window: Span<UInt8>, _ direction: Direction, into entries: inout [Entry]
    ) {
        switch action {
        case .forward(let range):
            advance(direction, by: range.count)
            entries.append(.window(direction, range))
        case .forwardRedacted(let range, let secrets, let reason):
            let start = offset(direction)
            advance(direction, by: range.count)
            entries.append(.bytes(direction, filled(window, range, secrets)))
            for secret in secrets {
                let place = start + UInt64(secret.lowerBound - range.lowerBound)
                note(.redaction, direction, place..<(place + UInt64(secret.count)), reason, into: &entries)
            }
        case .replace(let range, let secrets, let new, let secretsOfNew, let reason):
            differ(
                .replaced, direction, window, range, secrets, toReceiver: filled(new, secretsOfNew), reason,
                into: &entries)
        case .withhold(let range, let secrets, let reason):
            differ(.withheld, direction, window, range, secrets, toReceiver: [], reason, into: &entries)
        case .refused(let range, let secrets, let rule, let instead):
            differ(.refused, direction, window, range, secrets, toReceiver: instead, rule, into: &entries)
            for secret in secrets {
                let place = offset(direction) - UInt64(range.upperBound - secret.lowerBound)
                note(.redaction, direction, place..<(place + UInt64(secret.count)), "a refused secret", into: &entries)
            }
        case .reply(.client, let bytes, let secrets):
            let start = toClient
            toClient += UInt64(bytes.count)
            entries.append(.bytes(.serverToClient, filled(bytes, secrets)))
            note(.synthesized, .serverToClient, start..<toClient, "said by the gateway", into: &entries)
        case .reply(.server, let bytes, let secrets):
            let place = fromClient..<fromClient
            entries.append(
                .note(
                    Annotation(
                        .synthesized, .clientToServer, range: place, reason: "said by the gateway to the upstream",
                        otherLeg: filled(bytes, secrets))))
        case .ask(let question):
            fact(.question, direction, "rule \(question.rule) asks: \(question.title)", into: &entries)
        case .remark(let kind, let reason):
            fact(kind, direction, reason, into: &entries)
        case .partRefused(let rule):
            fact(.information, direction, "a part of the message goes no further: \(rule)", into: &entries)
        case .offerAgain, .identify, .reach, .dropUpstream, .identity:
            break
        case .opaque(let reason):
            fact(.information, direction, "not readable from here on: \(reason.rawValue)", into: &entries)
        case .end(let reason):
            fact(.information, direction, "ended by the gateway: \(reason)", into: &entries)
        }
    }

    private func offset(_ direction: Direction) -> UInt64 {
        direction == .clientToServer ? fromClient : toClient
    }

    private mutating func advance(_ direction: Direction, by count: Int) {
        if direction == .clientToServer { fromClient += UInt64(count) } else { toClient += UInt64(count) }
    }

    /// The client leg carried what the client sent, or what it was given; the note holds the other leg's bytes.
    private mutating func differ(
        _ kind: Annotation.Kind, _ direction: Direction, _ window: Span<UInt8>, _ range: Range<Int>,
        _ secrets: [Range<Int>], toReceiver: [UInt8], _ reason: String, into entries: inout [Entry]
    ) {
        let start = offset(direction)
        let otherLeg: [UInt8]
        if direction == .clientToServer {
            advance(direction, by: range.count)
            let original: Entry =
                secrets.isEmpty ? .window(direction, range) : .bytes(direction, filled(window, range, secrets))
            if !range.isEmpty { entries.append(original) }
            otherLeg = toReceiver
        } else {
            advance(direction, by: toReceiver.count)
            if !toReceiver.isEmpty { entries.append(.bytes(direction, toReceiver)) }
            otherLeg = filled(window, range, secrets)
        }
        entries.append(
            .note(
                Annotation(kind, direction, range: start..<offset(direction), reason: reason, otherLeg: otherLeg)))
    }

    /// At the place that the lane has reached.
    private func fact(
        _ kind: Annotation.Kind, _ direction: Direction, _ reason: String, into entries: inout [Entry]
    ) {
        let place = offset(direction)
        note(kind, direction, place..<place, reason, into: &entries)
    }

    private func note(
        _ kind: Annotation.Kind, _ direction: Direction, _ range: Range<UInt64>, _ reason: String,
        into entries: inout [Entry]
    ) {
        entries.append(.note(Annotation(kind, direction, range: range, reason: reason)))
    }

    private func filled(_ window: Span<UInt8>, _ range: Range<Int>, _ secrets: [Range<Int>]) -> [UInt8] {
        var bytes = [UInt8](copying: window.extracting(range))
        for secret in secrets {
            for index in secret { bytes[index - range.lowerBound] = Self.filler }
        }
        return bytes
    }

    private func filled(_ bytes: [UInt8], _ secrets: [Range<Int>]) -> [UInt8] {
        secrets.isEmpty ? bytes : filled(bytes.span, 0..<bytes.count, secrets)
    }
}
