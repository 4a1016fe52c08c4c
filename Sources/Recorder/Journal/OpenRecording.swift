import Protocols

/// What a compactor keeps of a recording that is not sealed. An idle one holds no records, only its file's state.
final class OpenRecording {
    let id: RecordingID
    var file: RecordingWriter?
    var planner: SegmentPlanner
    /// What the catalog will be told; `nil` while there is no file.
    var entry: CatalogEntry?
    var isFinished = false
    var failure: StoreFault?
    var failedAt: UInt64 = 0
    /// Monotonic nanoseconds: when the first of the pending records was seen.
    var waitingSince: UInt64 = 0
    private(set) var pendingBytes = 0
    private var places: [JournalPlace] = []

    init(_ id: RecordingID) {
        self.id = id
        planner = SegmentPlanner(id)
    }

    /// Whether all its records are in its file.
    var isEmpty: Bool { places.isEmpty }
    /// The first record that is not in the file.
    var oldest: JournalPlace? { places.first }

    func add(_ place: JournalPlace) {
        places.append(place)
        pendingBytes += Int(place.count)
    }

    /// The first records: as many as fit `goal`, and at least one.
    func first(_ goal: Int) -> (places: ArraySlice<JournalPlace>, byteCount: Int) {
        var byteCount = 0
        var count = 0
        while count < places.count, count == 0 || byteCount + Int(places[count].count) <= goal {
            byteCount += Int(places[count].count)
            count += 1
        }
        return (places[..<count], byteCount)
    }

    /// The first records are in the file now.
    func drop(_ count: Int, _ byteCount: Int) {
        pendingBytes -= byteCount
        // An idle recording gives its memory back.
        if count == places.count { places = [] } else { places.removeFirst(count) }
    }
}

/// The recordings of a lane that are open. Confined to its compactor.
struct OpenRecordings {
    private static let recentCount = 1024

    private var byID: [RecordingID: OpenRecording] = [:]
    /// Where a recording is found again without hashing its name, if no other has taken its place.
    private var recent = [OpenRecording?](repeating: nil, count: recentCount)

    var all: some Sequence<OpenRecording> { byID.values }

    subscript(id: RecordingID) -> OpenRecording? { byID[id] }

    /// The recording of this name, which may be a new one.
    mutating func findOrMake(_ id: RecordingID) -> OpenRecording {
        // The end of a UUIDv7 is random (RFC 9562 §5.7).
        let place = Int(truncatingIfNeeded: id.low) & (Self.recentCount - 1)
        if let found = recent[place], found.id == id { return found }
        let recording = byID[id] ?? OpenRecording(id)
        byID[id] = recording
        recent[place] = recording
        return recording
    }

    mutating func remove(_ id: RecordingID) {
        byID[id] = nil
        let place = Int(truncatingIfNeeded: id.low) & (Self.recentCount - 1)
        if recent[place]?.id == id { recent[place] = nil }
    }
}
