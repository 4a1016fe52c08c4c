import Protocols

/// Puts the fragments of IP packets together (RFC 791 §3.2, RFC 8200 §4.5), in whatever order they come, and in bounded memory.
///
/// Where two fragments bring different bytes for one place, nobody knows which ones a receiver took: the packet is given up, as
/// RFC 5722 §3 has receivers do, and as Linux does with both versions.
struct FragmentTable: Sendable {
    /// What fragments of one packet have in common. With IPv6 the protocol may differ (RFC 8200 §4.5), and stands as 0.
    private struct Key: Sendable, Hashable {
        let source: IPAddress
        let destination: IPAddress
        let protocolNumber: UInt8
        let identification: UInt32
    }

    private struct Begun: Sendable {
        let key: Key
        let serial: UInt64
        let wallNanoseconds: Int64
    }

    /// Linux waits so long (`ipfrag_time`), RFC 8200 §4.5 asks for 60 seconds at most; measured by the times of packets.
    private static let patienceNanoseconds: Int64 = 30_000_000_000

    /// Packets that were given up because their fragments contradict each other.
    private(set) var contradictionCount: UInt64 = 0
    /// Fragments of packets that were given up, for whatever reason.
    private var abandonedCount: UInt64 = 0
    private var waitingCount: UInt64 = 0
    private(set) var heldCount = 0
    private var drafts: [Key: FragmentedPacket] = [:]
    /// In the order of first fragments; those that have ended since are still named.
    private var order = Fifo<Begun>()
    private var nextSerial: UInt64 = 0
    private let limits: CaptureLimits

    init(_ limits: CaptureLimits) { self.limits = limits }

    /// Fragments that are part of no packet that was put together.
    var leftCount: UInt64 { abandonedCount + waitingCount }

    /// Takes a fragment's content. Gives the packet's whole payload when nothing of it is missing any more.
    mutating func add(
        _ content: Span<UInt8>, _ fragment: IPFragment, of packet: IPPacket, at wallNanoseconds: Int64
    ) -> [UInt8]? {
        expire(wallNanoseconds)
        let key = Key(
            source: packet.source, destination: packet.destination,
            protocolNumber: fragment.isVersion6 ? 0 : packet.protocolNumber, identification: fragment.identification)
        var draft = drafts.removeValue(forKey: key) ?? begin(key, wallNanoseconds)
        heldCount -= draft.heldCount
        waitingCount -= draft.fragmentCount
        switch draft.add(content, fragment) {
        case .whole: return draft.bytes
        case .contradicts:
            contradictionCount += 1
            abandonedCount += draft.fragmentCount
        case .lacks:
            heldCount += draft.heldCount
            waitingCount += draft.fragmentCount
            drafts[key] = draft
            makeRoom()
        }
        return nil
    }

    private mutating func begin(_ key: Key, _ wallNanoseconds: Int64) -> FragmentedPacket {
        nextSerial += 1
        order.append(Begun(key: key, serial: nextSerial, wallNanoseconds: wallNanoseconds))
        return FragmentedPacket(serial: nextSerial)
    }

    private mutating func expire(_ now: Int64) {
        while let oldest = order.first, oldest.wallNanoseconds < now &- Self.patienceNanoseconds { abandonOldest() }
    }

    private mutating func makeRoom() {
        while heldCount > limits.fragmentBytes || order.count > limits.fragmentedPackets { abandonOldest() }
    }

    private mutating func abandonOldest() {
        guard let oldest = order.popFirst(), let draft = drafts[oldest.key], draft.serial == oldest.serial else {
            return
        }
        drafts[oldest.key] = nil
        heldCount -= draft.heldCount
        waitingCount -= draft.fragmentCount
        abandonedCount += draft.fragmentCount
    }
}

/// What has come of one packet.
private struct FragmentedPacket: Sendable {
    enum State {
        case lacks
        case whole
        case contradicts
    }

    let serial: UInt64
    private(set) var bytes: [UInt8] = []
    private(set) var fragmentCount: UInt64 = 0
    /// What of the bytes is there: in order, and none touches another.
    private var present: [Range<Int>] = []
    /// Known once the last fragment is there.
    private var end: Int?

    init(serial: UInt64) { self.serial = serial }

    /// With what the places of the missing bytes take, and so much as an empty packet costs.
    var heldCount: Int { bytes.count + present.count * MemoryLayout<Range<Int>>.size + MemoryLayout<Self>.size }

    mutating func add(_ content: Span<UInt8>, _ fragment: IPFragment) -> State {
        fragmentCount += 1
        let range = fragment.offset..<fragment.offset + content.count
        // Where the capture cuts the last one off, nobody knows the end.
        if fragment.isLast, !fragment.isCut {
            guard end ?? range.upperBound == range.upperBound, bytes.count <= range.upperBound else {
                return .contradicts
            }
            end = range.upperBound
        }
        guard range.upperBound <= end ?? IPFragment.packetMaximum, agrees(content, at: range.lowerBound) else {
            return .contradicts
        }
        if bytes.count < range.upperBound {
            bytes += [UInt8](repeating: 0, count: range.upperBound - bytes.count)
        }
        for index in content.indices { bytes[range.lowerBound + index] = content[index] }
        insert(range)
        return present.first?.upperBound == end && present.first?.lowerBound == 0 ? .whole : .lacks
    }

    /// Where it brings bytes that are there already, they are the same.
    private func agrees(_ content: Span<UInt8>, at offset: Int) -> Bool {
        for held in present {
            let common = held.clamped(to: offset..<offset + content.count)
            for index in common where bytes[index] != content[index - offset] { return false }
        }
        return true
    }

    private mutating func insert(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let first = present.firstIndex { $0.upperBound >= range.lowerBound } ?? present.count
        var last = first
        var merged = range
        while last < present.count, present[last].lowerBound <= range.upperBound {
            merged = min(merged.lowerBound, present[last].lowerBound)..<max(merged.upperBound, present[last].upperBound)
            last += 1
        }
        present.replaceSubrange(first..<last, with: [merged])
    }
}
