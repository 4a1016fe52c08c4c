public import Protocols
public import Recorder

/// Makes the events of one recording from its records. Pure: whoever reads the file hands the records over.
///
/// Nothing in a recording makes it fail. What cannot be read becomes an event that says so.
public struct TimelineReader: Sendable {
    /// What START says; `nil` before it, or when it cannot be read.
    public private(set) var start: StartFacts?
    /// Who called, from the last IDENTITY so far.
    public private(set) var identity: Identity?
    /// Of the last record so far.
    public private(set) var lastTime = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0)

    private let limits: WireLimits
    private let protocols: [ProtocolDescriptor]
    private var builder: any TimelineBuilder
    private var events: [TimelineEvent] = []
    private var count: UInt64 = 0

    public init(limits: WireLimits = WireLimits(), protocols: [ProtocolDescriptor]) {
        self.limits = limits
        self.protocols = protocols
        builder = OpaqueTimeline(limits: limits)
    }

    /// Continues from the middle: the bytes of both directions from `before` to `offsets` are not looked at. What is known
    /// by then stays known. To be called after the recording's first records, and before those in the middle.
    public mutating func skip(from before: StreamOffsets, to offsets: StreamOffsets, at time: Timestamp) {
        _ = drain()
        count = 0
        for direction in Direction.allCases {
            let length = offsets[direction] - min(before[direction], offsets[direction])
            builder.gap(length, direction, stream: 0, at: time)
        }
        _ = builder.drain()
    }

    /// What to keep of a place between two segments; `nil` where reading cannot begin. To be called when all is drained.
    public func snapshot() -> (state: [UInt8], eventCount: UInt64)? {
        guard events.isEmpty else { return nil }
        return builder.snapshot().map { ($0, count) }
    }

    /// Continues from a place that was kept, as if all before had been read. False, and nothing changes, when the state is
    /// not of the same protocol's making. To be called after the recording's first record.
    public mutating func resume(_ entry: SidecarEntry, state: Span<UInt8>) -> Bool {
        guard let start, let descriptor = protocols.first(where: { $0.id == start.protocolID }),
            let builder = descriptor.resumeTimeline(state, entry.offsets, limits)
        else { return false }
        self.builder = builder
        lastTime = entry.time
        events = []
        count = entry.eventCount
        return true
    }

    public mutating func record(_ header: RecordHeader, _ payload: Span<UInt8>) {
        lastTime = header.time
        do throws(FormatFault) {
            switch header.type {
            case .start:
                start = try StartFacts(payload)
                builder = makeBuilder()
            case .data:
                guard let direction = header.direction else {
                    throw FormatFault(.malformed, "a DATA record without a direction")
                }
                builder.data(payload, direction, stream: header.stream, at: header.time)
            case .identity:
                let facts = try IdentityFacts(payload)
                identity = facts.identity
                builder.identity(facts.identity, at: header.time)
            case .note: builder.annotation(try Annotation(header, payload), at: header.time)
            case .gap: gap(try GapFacts(payload), header)
            case .checkpoint: break
            }
        } catch {
            unreadable(error, header)
        }
    }

    /// The recording ends here: what was under way stays unfinished.
    public mutating func finish() { builder.finish(at: lastTime) }

    /// The file cannot be read to its end.
    public mutating func damaged(_ fault: FormatFault) {
        events += builder.drain()
        events.append(
            TimelineEvent(
                sequence: 0, start: lastTime, kind: "fault", title: "the recording is damaged from here on: \(fault)"))
    }

    /// The events completed since the last call, numbered from 1.
    public mutating func drain() -> [TimelineEvent] {
        events += builder.drain()
        var drained = exchange(&events, with: [])
        for index in drained.indices {
            count += 1
            drained[index].sequence = count
        }
        return drained
    }

    private func makeBuilder() -> any TimelineBuilder {
        guard let start, let descriptor = protocols.first(where: { $0.id == start.protocolID }) else {
            return OpaqueTimeline(limits: limits)
        }
        return descriptor.makeTimeline(limits, .everything)
    }

    /// A gap without direction concerns both; one of unknown length counts as 0.
    private mutating func gap(_ facts: GapFacts, _ header: RecordHeader) {
        for direction in header.direction.map({ [$0] }) ?? Direction.allCases {
            builder.gap(facts.length ?? 0, direction, stream: header.stream, at: header.time)
        }
    }

    private mutating func unreadable(_ fault: FormatFault, _ header: RecordHeader) {
        events += builder.drain()
        events.append(
            TimelineEvent(
                sequence: 0, start: header.time, stream: header.stream, kind: "fault",
                title: "record \(header.sequence) cannot be read: \(fault)"))
    }
}
