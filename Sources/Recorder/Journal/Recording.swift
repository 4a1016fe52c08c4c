public import Protocols
import Synchronization

/// One connection's recording, as its loop sees it: everything goes into the journal at once, and into the `.wtr` file
/// when the compactor comes by. Confined to the loop of its lane.
public final class Recording {
    public let id: RecordingID
    /// Counts the recordings of one gateway from 1.
    public private(set) var sessionNumber: UInt64 = 0
    /// Where START ends in the journal.
    public private(set) var startPosition: JournalPosition = 0
    private let lane: RecorderLane
    private var sequence: UInt64 = 0
    private var isFinished = false

    /// DATA is cut into records of at most this many bytes: as many as one read brings.
    static let dataMaximum = 64 << 10

    /// In base64 it grows by a third, and stays well below the longest record.
    private static let otherLegMaximum = 512 << 10

    init(_ id: RecordingID, on lane: RecorderLane) {
        self.id = id
        self.lane = lane
    }

    /// Records bytes of one direction. Returns the position up to which the journal now holds everything.
    @inline(__always)
    public func data(
        _ bytes: Span<UInt8>, _ direction: Direction, stream: UInt32, at time: Timestamp
    ) throws(RecorderError) -> JournalPosition {
        #if WIRETRAIL_BENCH_UNRECORDED
            // Only ever defined by Bench/, which measures what recording costs.
            return startPosition
        #else
            var rest = bytes
            while rest.count > Self.dataMaximum {
                _ = try append(.data, direction, stream, rest.extracting(first: Self.dataMaximum), at: time)
                rest = rest.extracting(droppingFirst: Self.dataMaximum)
            }
            return try append(.data, direction, stream, rest, at: time)
        #endif
    }

    /// Records who is calling; `streams` are those that it governs, none for all.
    @discardableResult
    public func identity(
        _ identity: Identity, streams: [UInt32] = [], at time: Timestamp
    ) throws(RecorderError) -> JournalPosition {
        try append(.identity, payload: IdentityFacts(identity, streams: streams).encoded(), at: time)
    }

    /// Records a decision, a redaction, a difference between the legs. What the other leg carried may take several notes:
    /// the first has the range, the others stand at its end.
    @discardableResult
    public func note(_ annotation: Annotation, at time: Timestamp) throws(RecorderError) -> JournalPosition {
        var part = annotation
        var rest = annotation.otherLeg[...]
        while rest.count > Self.otherLegMaximum {
            part.otherLeg = Array(rest.prefix(Self.otherLegMaximum))
            _ = try append(note: part, at: time)
            rest = rest.dropFirst(Self.otherLegMaximum)
            part.range = annotation.range.upperBound..<annotation.range.upperBound
        }
        part.otherLeg = Array(rest)
        return try append(note: part, at: time)
    }

    /// Records that bytes of one direction are missing; `nil`: nobody knows how many.
    public func gap(
        _ length: UInt64?, _ direction: Direction, reason: String, at time: Timestamp
    ) throws(RecorderError) {
        let payload = GapFacts(length: length, reason: reason).encoded()
        _ = try append(.gap, direction, 0, payload.span, at: time)
    }

    /// Ends the recording; the compactor seals it.
    public func finish(_ reason: String, at time: Timestamp) {
        guard !isFinished else { return }
        let place = Annotation(.information, .clientToServer, range: 0..<0, reason: "ended: \(reason)")
        _ = try? note(place, at: time)
        isFinished = true
        lane.finish(id)
    }

    func begin(_ start: StartFacts, at time: Timestamp) throws(RecorderError) -> JournalPosition {
        sessionNumber = start.sessionNumber
        startPosition = try append(.start, payload: start.encoded(), at: time)
        return startPosition
    }

    private func append(note: Annotation, at time: Timestamp) throws(RecorderError) -> JournalPosition {
        let payload = note.encoded()
        return try append(.note, note.direction, note.stream, payload.span, at: time)
    }

    private func append(
        _ type: RecordType, payload: [UInt8], at time: Timestamp
    ) throws(RecorderError) -> JournalPosition {
        try append(type, nil, 0, payload.span, at: time)
    }

    @inline(__always)
    private func append(
        _ type: RecordType, _ direction: Direction?, _ stream: UInt32, _ payload: Span<UInt8>, at time: Timestamp
    ) throws(RecorderError) -> JournalPosition {
        try lane.recorder.check(id)
        guard payload.count <= RecordHeader.payloadMaximum else { throw .tooLarge(payload.count) }
        let header = RecordHeader(
            type, direction: direction, stream: stream, sequence: sequence + 1,
            gatewaySequence: lane.recorder.nextGatewaySequence(), time: time)
        let position = try lane.append(.record, id, header, payload)
        sequence += 1
        return position
    }
}
