import Protocols

/// What reassembly has to tell apart from bytes.
enum FlowRemark: Sendable, Hashable {
    case hole(UInt64)
    case conflict(Range<UInt64>, packet: UInt64)
}

/// What a flow has said until its protocol is known, in order.
struct FlowPrologue: Sendable {
    struct Item: Sendable {
        enum Content: Sendable {
            case bytes([UInt8])
            case remark(FlowRemark)
        }

        var content: Content
        var sender: FlowSide
        var stamp: PacketStamp
    }

    /// Packets that are tried as the beginning of a message, in a flow whose own was not captured; a count.
    private static let beginningsMaximum = 256

    private(set) var items: [Item] = []
    /// So many of the items come before the place where detection looks.
    private var skippedCount = 0
    /// The bytes of each side, from the place on where detection looks.
    private var bytes: [2 of [UInt8]] = [[], []]
    private var beginnings = 0
    private(set) var heldCount = 0
    private(set) var hasHole = false

    var isEmpty: Bool { items.isEmpty }

    subscript(_ side: FlowSide) -> [UInt8] { bytes[side.rawValue] }

    /// A TLS record of the handshake (RFC 8446 §5.1).
    var isTLS: Bool {
        FlowSide.allCases.contains { side in self[side].count > 2 && self[side][0] == 0x16 && self[side][1] == 3 }
    }

    var mayBeginLater: Bool { beginnings < Self.beginningsMaximum }

    mutating func append(_ new: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp) {
        bytes[sender.rawValue].append(new)
        items.append(Item(content: .bytes([UInt8](copying: new)), sender: sender, stamp: stamp))
        heldCount += new.count
    }

    mutating func append(_ remark: FlowRemark, from sender: FlowSide, _ stamp: PacketStamp) {
        // Behind a hole, what was before says nothing of what is being said.
        if case .hole = remark {
            bytes[sender.rawValue] = []
            hasHole = true
        }
        items.append(Item(content: .remark(remark), sender: sender, stamp: stamp))
    }

    /// What has come so far is not readable as a beginning; the next packet may be.
    mutating func skipToLatest() {
        beginnings += 1
        hasHole = true
        bytes = [[], []]
        skippedCount = items.count
    }

    /// What to read where a message began behind what was skipped: that counts as missing.
    var readable: [Item] {
        var skipped: [2 of UInt64] = [0, 0]
        for item in items[..<skippedCount] {
            switch item.content {
            case .bytes(let bytes): skipped[item.sender.rawValue] += UInt64(bytes.count)
            case .remark(.hole(let length)): skipped[item.sender.rawValue] &+= length
            case .remark(.conflict): break
            }
        }
        let rest = items[skippedCount...]
        guard let stamp = rest.first?.stamp else { return items }
        return FlowSide.allCases.filter { skipped[$0.rawValue] > 0 }.map {
            Item(content: .remark(.hole(skipped[$0.rawValue])), sender: $0, stamp: stamp)
        } + rest
    }
}
