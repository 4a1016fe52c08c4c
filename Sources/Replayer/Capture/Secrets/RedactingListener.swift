import Protocols

/// Keeps secrets out of an import as a gateway keeps them out of its recordings: filler of the same length, and a note.
///
/// What is said waits until its decoder has read it, and goes on in the order in which it came. What cannot be read (a broken
/// message, one that is cut short) is searched by its looks.
struct RedactingListener<Finder: SecretFinder>: FlowListener {
    private struct Secret: Sendable {
        var range: Range<UInt64>
        var filler: [UInt8]?
    }

    private enum Item: Sendable {
        case data([UInt8], Direction, start: UInt64, Timestamp)
        case gap(UInt64, Direction, Timestamp)
        case annotation(Annotation, Timestamp)
    }

    /// Bytes that wait; beyond, the first of them count as a secret. Decoders wait for less.
    private static var heldMaximum: Int { 4 << 20 }

    private var listener: any FlowListener
    private var finder = Finder()
    private var session: WireSession<Finder.Decoder>
    private var waiting = Fifo<Item>()
    private var waitingCount = 0
    /// Secrets that have not gone on yet, in order, and where each stream ends.
    private var secrets: [2 of [Secret]] = [[], []]
    private var ends: [2 of UInt64] = [0, 0]
    /// The decoder reads no further.
    private var isOver = false

    init(_ listener: any FlowListener, limits: WireLimits) {
        self.listener = listener
        session = WireSession(Finder.Decoder(limits: limits), limits: limits)
    }

    mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp) {
        guard bytes.count > 0 else { return }
        let start = ends[direction.slot]
        waiting.append(.data([UInt8](copying: bytes), direction, start: start, time))
        waitingCount += bytes.count
        ends[direction.slot] = start &+ UInt64(bytes.count)
        if isOver {
            add(finder.secrets(inRest: bytes, direction), at: start, direction)
        } else {
            read(bytes, direction)
        }
        release()
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, at time: Timestamp) {
        if !isOver {
            searchRest(direction)
            do throws(WireFault) { try session.gap(length, direction) } catch { giveUp() }
        }
        ends[direction.slot] &+= length
        waiting.append(.gap(length, direction, time))
        release()
    }

    mutating func annotation(_ annotation: Annotation, at time: Timestamp) {
        waiting.append(.annotation(annotation, time))
        release()
    }

    mutating func finish(at time: Timestamp) {
        if !isOver { giveUp() }
        release()
        listener.finish(at: time)
    }

    mutating func drain() -> FlowOutcome {
        var outcome = listener.drain()
        outcome.heldCount += waitingCount + session.heldCount
        return outcome
    }

    // MARK: Finding

    private mutating func read(_ bytes: Span<UInt8>, _ direction: Direction) {
        var (finder, found) = (finder, [(Direction, UInt64, [FoundSecret])]())
        do throws(WireFault) {
            try session.feed(bytes, direction) { event, direction, offset, bytes in
                let secrets = finder.secrets(in: event, direction, bytes)
                if !secrets.isEmpty { found.append((direction, offset, secrets)) }
            }
        } catch { isOver = true }
        self.finder = finder
        for (direction, offset, secrets) in found { add(secrets, at: offset, direction) }
        if isOver { giveUp() }
    }

    private mutating func giveUp() {
        isOver = true
        for direction in Direction.allCases { searchRest(direction) }
    }

    /// Searches what the decoder holds of this direction and has not read.
    private mutating func searchRest(_ direction: Direction) {
        let start = session.offset(direction)
        var rest: [UInt8] = []
        for index in waiting.indices {
            guard case .data(let bytes, direction, let place, _) = waiting[index] else { continue }
            rest += bytes.dropFirst(Int(clamping: start - min(start, place)))
        }
        add(finder.secrets(inRest: rest.span, direction), at: start, direction)
    }

    private mutating func add(_ found: [FoundSecret], at start: UInt64, _ direction: Direction) {
        for secret in found where !secret.range.isEmpty {
            let range = start &+ UInt64(secret.range.lowerBound)..<start &+ UInt64(secret.range.upperBound)
            secrets[direction.slot].append(Secret(range: range, filler: secret.filler))
        }
    }

    // MARK: Going on

    private mutating func release() {
        while let first = waiting.first {
            switch first {
            case .data(let bytes, let direction, let start, let time):
                let end = start &+ UInt64(bytes.count)
                let isRead = isOver || end <= session.offset(direction)
                guard isRead || waitingCount > Self.heldMaximum else { return }
                if !isRead { secrets[direction.slot] = [Secret(range: start..<end)] }
                waitingCount -= bytes.count
                write(bytes, direction, start, at: time)
            case .gap(let length, let direction, let time): listener.gap(length, direction, at: time)
            case .annotation(let annotation, let time): listener.annotation(annotation, at: time)
            }
            _ = waiting.popFirst()
        }
    }

    private mutating func write(_ bytes: [UInt8], _ direction: Direction, _ start: UInt64, at time: Timestamp) {
        let end = start &+ UInt64(bytes.count)
        let slot = direction.slot
        var bytes = bytes
        for secret in secrets[slot] {
            let range = secret.range
            let place = max(range.lowerBound, start)..<max(max(range.lowerBound, start), min(range.upperBound, end))
            for offset in place {
                bytes[Int(offset - start)] = secret.filler?[Int(offset - range.lowerBound)] ?? UInt8(ascii: "*")
            }
        }
        listener.data(bytes.span, direction, at: time)
        for secret in secrets[slot] where secret.range.upperBound <= end {
            let note = Annotation(.redaction, direction, range: secret.range, reason: "a secret that was captured")
            listener.annotation(note, at: time)
        }
        secrets[slot].removeAll { $0.range.upperBound <= end }
    }
}
