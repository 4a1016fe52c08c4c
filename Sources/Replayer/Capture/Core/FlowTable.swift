/// Tells to which flow a packet belongs. Holds a bounded number of flows: when it is full, the one whose last packet is
/// the longest ago makes room.
struct FlowTable: Sendable {
    /// Where a flow is kept. Flows that began so far number the next one: Wireshark's `tcp.stream`, unless a flow had to make
    /// room and came back.
    struct Place: Sendable, Equatable {
        var slot: Int32
        /// This is the first packet of the flow.
        var begins: Bool
    }

    private struct Entry: Sendable {
        var key: FlowKey
        /// The sequence number of the SYN that opened the flow, if one was seen.
        var initialSequence: UInt32?
        var packets: UInt32 = 1
        /// Neighbours in the order of last packets; -1 at the ends.
        var earlier: Int32
        var later: Int32
        /// The next one in the same bucket; -1 at the end.
        var next: Int32 = -1

        mutating func renew(_ sequence: UInt32?) {
            initialSequence = sequence
            packets = 1
        }

        /// Takes a SYN; true where it begins another flow.
        mutating func begins(by sequence: UInt32) -> Bool {
            let isLate = initialSequence == nil && packets > FlowTable.synDelayMaximum
            guard isLate || initialSequence ?? sequence != sequence else {
                initialSequence = sequence
                return false
            }
            renew(sequence)
            return true
        }
    }

    /// A SYN that was captured later than so many packets of what it opened is another flow's.
    private static let synDelayMaximum = 64

    private let capacity: Int
    private var entries: [Entry] = []
    private let hash = FlowHash()
    /// The first entry of each, -1 for none. Their number is a power of two, and no less than that of entries.
    private var buckets: [Int32] = [-1]
    private var earliest: Int32 = -1
    private var latest: Int32 = -1

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// A SYN with another sequence number than the first one's begins a new flow between the same ports.
    @inline(__always)
    mutating func place(_ key: FlowKey, _ segment: TCPSegment) -> Place {
        let opens = segment.flags.intersection([.syn, .ack]) == .syn
        let slot = slot(of: key)
        guard slot >= 0 else { return insert(key, opens ? segment.sequence : nil) }
        touch(slot)
        entries[Int(slot)].packets &+= 1
        return Place(slot: slot, begins: opens && entries[Int(slot)].begins(by: segment.sequence))
    }

    @inline(never)
    private mutating func insert(_ key: FlowKey, _ sequence: UInt32?) -> Place {
        let slot: Int32
        if entries.count < capacity {
            if entries.count == buckets.count { doubleBuckets() }
            slot = Int32(entries.count)
            entries.append(Entry(key: key, initialSequence: sequence, earlier: latest, later: -1))
            if latest >= 0 { entries[Int(latest)].later = slot } else { earliest = slot }
            latest = slot
        } else {
            slot = earliest
            leaveBucket(slot)
            touch(slot)
            entries[Int(slot)].key = key
            entries[Int(slot)].renew(sequence)
        }
        enterBucket(slot)
        return Place(slot: slot, begins: true)
    }

    /// Makes the slot the latest.
    @inline(__always)
    private mutating func touch(_ slot: Int32) {
        let before = exchange(&latest, with: slot)
        guard slot != before else { return }
        var entries = entries.mutableSpan
        let (earlier, later) = (entries[Int(slot)].earlier, entries[Int(slot)].later)
        if earlier >= 0 { entries[Int(earlier)].later = later }
        entries[Int(later)].earlier = earlier
        entries[Int(slot)].earlier = before
        entries[Int(slot)].later = -1
        entries[Int(before)].later = slot
        if earlier < 0 { earliest = later }
    }
}

// MARK: - Finding

extension FlowTable {
    private func bucket(of key: FlowKey) -> Int { hash(key) & (buckets.count - 1) }

    /// Where the flow is; -1 where it is not.
    @inline(__always)
    private func slot(of key: FlowKey) -> Int32 {
        // Most packets follow upon another one of their flow.
        if latest >= 0, entries[Int(latest)].key == key { return latest }
        var slot = buckets[bucket(of: key)]
        while slot >= 0, entries[Int(slot)].key != key { slot = entries[Int(slot)].next }
        return slot
    }

    private mutating func enterBucket(_ slot: Int32) {
        let bucket = bucket(of: entries[Int(slot)].key)
        entries[Int(slot)].next = buckets[bucket]
        buckets[bucket] = slot
    }

    private mutating func leaveBucket(_ slot: Int32) {
        let bucket = bucket(of: entries[Int(slot)].key)
        let next = entries[Int(slot)].next
        guard buckets[bucket] != slot else { return buckets[bucket] = next }
        var before = Int(buckets[bucket])
        while entries[before].next != slot { before = Int(entries[before].next) }
        entries[before].next = next
    }

    private mutating func doubleBuckets() {
        buckets = Array(repeating: -1, count: 2 * buckets.count)
        for slot in entries.indices { enterBucket(Int32(slot)) }
    }
}
