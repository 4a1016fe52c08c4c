import Adapters
import Glibc
import Protocols
import Recorder

/// One recording's file as a source of events: reads segments, lets ``TimelineReader`` make events of their records.
struct TimelineSource {
    private static let pollMicroseconds: UInt32 = 200_000
    /// So many bytes are read to come from a known place to the one asked for; beyond, what happened in between is left
    /// out, and only names prepared before are known.
    private static let catchUpMaximum: UInt64 = 64 << 20

    private var file: RecordingReader
    private var reader: TimelineReader
    private let limits: WireLimits
    private var place = RecordPlace(segment: .first, index: 0)

    init(_ path: String, limits: WireLimits) throws(StoreFault) {
        file = try RecordingReader(path)
        reader = TimelineReader(limits: limits, protocols: ProtocolRegistry.all)
        self.limits = limits
    }

    var state: TimelineHeading.State {
        if let end = file.end { return end.cause == .closed ? .closed : .interrupted }
        return file.isLive ? .live : .incomplete
    }

    /// What the first segment tells of the connection. Reading begins anew afterwards.
    func heading() throws(StoreFault) -> TimelineHeading {
        var heading = TimelineHeading(
            recording: file.recording, state: state, endedWallNanoseconds: file.end?.lastWallNanoseconds)
        try file.forEachRecord { header, payload, place in
            guard place.segment == .first else { return false }
            if heading.begun == nil { heading.begun = header.time }
            switch header.type {
            case .start: heading.start = try? StartFacts(payload)
            case .identity: heading.identity = (try? IdentityFacts(payload))?.identity
            default: break
            }
            return heading.start == nil || heading.identity == nil
        }
        return heading
    }

    /// Goes on at the last segment that begins at or before this time; what began earlier is not seen whole.
    ///
    /// - Returns: where in both streams that is.
    @discardableResult
    mutating func seek(toWall nanoseconds: Int64, sidecars: String? = nil) throws(StoreFault) -> StreamOffsets {
        let segment = try file.segment(atWall: nanoseconds)
        guard segment != .first else { return StreamOffsets() }
        try readStart()
        file.seek(to: segment)
        guard let header = try file.next() else { return StreamOffsets() }
        let known = resume(atWall: nanoseconds, sidecars)
        if let known, header.offsets.total - min(header.offsets.total, known.offsets.total) < Self.catchUpMaximum {
            place = RecordPlace(segment: known.segment, index: 0)
            return known.offsets
        }
        reader.skip(from: known?.offsets ?? StreamOffsets(), to: header.offsets, at: header.firstTime)
        place = RecordPlace(segment: segment, index: 0)
        return header.offsets
    }

    /// Goes on at the place that a sidecar knows; `nil` when there is none, or it is of no use.
    private mutating func resume(
        atWall nanoseconds: Int64, _ sidecars: String?
    ) -> (segment: SegmentPlace, offsets: StreamOffsets)? {
        guard let sidecars, let end = file.end, let sidecar = SidecarReader(in: sidecars, of: end) else { return nil }
        if sidecar.begins(afterWall: nanoseconds) {
            reader = TimelineReader(limits: limits, protocols: ProtocolRegistry.all)
            return (.first, StreamOffsets())
        }
        guard let found = sidecar.last(atWall: nanoseconds), reader.resume(found.entry, state: found.state.span) else {
            return nil
        }
        return (found.entry.segment, found.entry.offsets)
    }

    /// The first record says which protocol this is.
    private mutating func readStart() throws(StoreFault) {
        var reader = reader
        try file.forEachRecord { header, payload, _ in
            reader.record(header, payload)
            return false
        }
        self.reader = reader
    }

    /// Reads on to the end. `visit` returns false to stop; `tap` gets each record before the events that it completes.
    /// Following ends when the gateway has closed the recording.
    mutating func forEachEvent(
        follows: Bool, tap: (RecordHeader, Span<UInt8>) -> Void = { _, _ in }, _ visit: (TimelineEvent) -> Bool
    ) throws(StoreFault) {
        while true {
            let wasLive = state == .live
            guard try readOn(tap, visit) else { return }
            if file.end != nil { break }
            if follows, wasLive {
                usleep(Self.pollMicroseconds)
                try reopen()
            } else {
                break
            }
        }
        // A live recording's open events are not unfinished; they are under way.
        guard state != .live else { return }
        reader.finish()
        if let damage = file.damage { reader.damaged(damage) }
        for event in reader.drain() where !visit(event) { return }
    }

    /// Looks whether the file has an END by now. While the gateway is writing it, it may look damaged.
    private mutating func reopen() throws(StoreFault) {
        do throws(StoreFault) { file = try RecordingReader(file.path) } catch {
            if !file.isLive { throw error }
        }
    }

    /// Makes the sidecar of a sealed recording, for ``seek(toWall:sidecars:)``. Reads all of it.
    mutating func makeSidecar(in folder: String) throws(StoreFault) {
        guard let end = file.end else { return }
        let writer = try SidecarWriter(in: folder, of: end)
        file.seek(to: .first)
        var place = SegmentPlace.first
        while let header = try file.next() {
            if place != .first, let kept = reader.snapshot() {
                let entry = SidecarEntry(
                    time: header.firstTime, segment: place, offsets: header.offsets, eventCount: kept.eventCount)
                try writer.append(entry, state: kept.state)
            }
            let raw = file.raw
            do throws(FormatFault) {
                try Record.forEach(in: raw.span) { (header, payload, _) throws(FormatFault) in
                    reader.record(header, payload)
                    return true
                }
            } catch { throw .format(path: file.path, error.rebased(by: place.fileOffset)) }
            _ = reader.drain()
            place = file.place
        }
        try writer.finish()
    }

    /// False when `visit` wants no more.
    private mutating func readOn(
        _ tap: (RecordHeader, Span<UInt8>) -> Void, _ visit: (TimelineEvent) -> Bool
    ) throws(StoreFault) -> Bool {
        var reader = reader
        var wantsMore = true
        try file.forEachRecord(from: place) { header, payload, _ in
            tap(header, payload)
            reader.record(header, payload)
            for event in reader.drain() {
                wantsMore = visit(event)
                if !wantsMore { return false }
            }
            return true
        }
        self.reader = reader
        place = RecordPlace(segment: file.place, index: 0)
        return wantsMore
    }
}

extension StreamOffsets {
    fileprivate var total: UInt64 { clientToServer &+ serverToClient }
}
