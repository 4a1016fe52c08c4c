/// Tells to which flow a packet belongs. Holds a bounded number of flows: when it is full, the one whose last packet is
/// the longest ago makes room.
struct FlowTable: Sendable {
    /// Where a flow is kept, and its number in the order of first packets, from 0: Wireshark's `tcp.stream`, unless a flow had
    /// to make room and came back.
    struct Place: Sendable, Equatable {
        var slot: Int
        var number: UInt64
        /// The first packet of the flow.
        var isNew: Bool
    }

    private struct Entry: Sendable {
        var key: FlowKey
        var number: UInt64
        /// The sequence number of the SYN that opened the flow, if one was seen.
        var initialSequence: UInt32?
        var packets: UInt32 = 0
        /// Neighbours in the order of last packets; -1 at the ends.
        var earlier: Int32
        var later: Int32
        /// The next one in the same bucket; -1 at the end.
        var next: Int32 = -1
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
    private var nextNumber: UInt64 = 0

    /// How many flows there have been.
    var count: UInt64 { nextNumber }

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// A SYN with another sequence number than the first one's begins a new flow between the same ports.
    mutating func place(_ key: FlowKey, _ segment: TCPSegment) -> Place {
        let opens = segment.flags.intersection([.syn, .ack]) == .syn
        let slot = slot(of: key)
        guard slot >= 0 else { return insert(key, opens ? segment.sequence : nil) }
        touch(slot)
        let index = Int(slot)
        entries[index].packets &+= 1
        guard opens else { return Place(slot: index, number: entries[index].number, isNew: false) }
        let isLate = entries[index].initialSequence == nil && entries[index].packets > Self.synDelayMaximum
        if isLate || entries[index].initialSequence ?? segment.sequence != segment.sequence {
            return renew(index, segment.sequence)
        }
        entries[index].initialSequence = segment.sequence
        return Place(slot: index, number: entries[index].number, isNew: false)
    }

    private mutating func renew(_ index: Int, _ sequence: UInt32?) -> Place {
        entries[index].number = nextNumber
        entries[index].initialSequence = sequence
        entries[index].packets = 1
        nextNumber += 1
        return Place(slot: index, number: entries[index].number, isNew: true)
    }

    private mutating func insert(_ key: FlowKey, _ sequence: UInt32?) -> Place {
        let slot: Int32
        if entries.count < capacity {
            if entries.count == buckets.count { doubleBuckets() }
            slot = Int32(entries.count)
            entries.append(Entry(key: key, number: 0, initialSequence: nil, earlier: -1, later: -1))
            link(slot)
        } else {
            slot = earliest
            leaveBucket(slot)
            entries[Int(slot)].key = key
            touch(slot)
        }
        enterBucket(slot)
        return renew(Int(slot), sequence)
    }
}

// MARK: - The order of last packets

extension FlowTable {
    private mutating func touch(_ slot: Int32) {
        guard slot != latest else { return }
        let (earlier, later) = (entries[Int(slot)].earlier, entries[Int(slot)].later)
        if earlier >= 0 { entries[Int(earlier)].later = later } else { earliest = later }
        if later >= 0 { entries[Int(later)].earlier = earlier }
        link(slot)
    }

    /// Makes the slot the latest.
    private mutating func link(_ slot: Int32) {
        entries[Int(slot)].earlier = latest
        entries[Int(slot)].later = -1
        if latest >= 0 { entries[Int(latest)].later = slot } else { earliest = slot }
        latest = slot
    }
}

// MARK: - Finding

extension FlowTable {
    private func bucket(of key: FlowKey) -> Int { hash(key) & (buckets.count - 1) }

    /// Where the flow is; -1 where it is not.
    private func slot(of key: FlowKey) -> Int32 {
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
