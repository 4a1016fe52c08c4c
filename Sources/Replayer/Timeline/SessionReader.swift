import Protocols
import Recorder

/// Makes the events of a session from the records of its recordings, told apart by numbers. Pure: whoever reads the files hands
/// the records over in the gateway's order.
///
/// Nothing in a recording makes it fail. What cannot be read becomes an event that says so.
struct SessionReader<Primitives: TimelinePrimitives>: Sendable {
    private var timeline: HTTPSessionTimeline<Primitives>
    private var faults: [TimelineEvent] = []
    private var count: UInt64 = 0
    private var lastTime = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0)

    init(limits: WireLimits) { timeline = HTTPSessionTimeline(limits: limits) }

    mutating func record(_ header: RecordHeader, _ payload: Span<UInt8>, connection: UInt32) {
        lastTime = header.time
        do throws(FormatFault) {
            switch header.type {
            case .data:
                guard let direction = header.direction else {
                    throw FormatFault(.malformed, "a DATA record without a direction")
                }
                timeline.data(payload, direction, connection: connection, at: header.time)
            case .identity:
                let identity = try IdentityFacts(payload).identity
                timeline.identity(identity, connection: connection, at: header.time)
            case .note:
                timeline.annotation(try Annotation(header, payload), connection: connection, at: header.time)
            case .gap:
                let facts = try GapFacts(payload)
                for direction in header.direction.map({ [$0] }) ?? Direction.allCases {
                    timeline.gap(facts.length ?? 0, direction, connection: connection, at: header.time)
                }
            case .start, .checkpoint: break
            }
        } catch { fault("record \(header.sequence) cannot be read: \(error)", connection) }
    }

    /// The recording ends here.
    mutating func finish(connection: UInt32) { timeline.finish(connection: connection, at: lastTime) }

    /// All recordings have ended.
    mutating func finish() { timeline.finish(at: lastTime) }

    /// The file cannot be read to its end.
    mutating func damaged(_ fault: FormatFault, connection: UInt32) {
        self.fault("the recording is damaged from here on: \(fault)", connection)
    }

    private mutating func fault(_ title: String, _ connection: UInt32) {
        faults.append(
            TimelineEvent(sequence: 0, start: lastTime, stream: connection, kind: "fault", title: title))
    }

    /// The events completed since the last call, numbered from 1.
    mutating func drain() -> [TimelineEvent] {
        var drained = timeline.drain() + exchange(&faults, with: [])
        for index in drained.indices {
            count += 1
            drained[index].sequence = count
        }
        return drained
    }
}
