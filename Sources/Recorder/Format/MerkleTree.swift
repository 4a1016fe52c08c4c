public import Protocols

/// The hash of one leaf or subtree: 32 bytes of SHA-256.
public typealias TreeHash = [UInt8]

/// The Merkle tree hash of RFC 6962 §2.1, built leaf by leaf with one hash per level kept.
///
/// A leaf is SHA-256(0x00 ‖ bytes), an inner node SHA-256(0x01 ‖ left ‖ right).
public struct MerkleTree<Hash: Digest & ~Copyable>: Sendable, Equatable {
    /// Complete subtrees from the largest to the smallest, one per bit set in `count`.
    public private(set) var peaks: [TreeHash] = []
    public private(set) var count: UInt64 = 0

    public init() {}

    public static func == (left: MerkleTree, right: MerkleTree) -> Bool {
        left.count == right.count && left.peaks == right.peaks
    }

    /// Adds the next leaf by its hash.
    public mutating func append(_ leaf: TreeHash) {
        var node = leaf
        var bits = count
        while bits & 1 == 1 {
            node = Self.node(peaks.removeLast(), node)
            bits >>= 1
        }
        peaks.append(node)
        count += 1
    }

    /// The hash over all leaves; that of nothing for none.
    public var root: TreeHash {
        guard var node = peaks.last else {
            let nothing: [UInt8] = []
            return Hash.hash(nothing.span)
        }
        for peak in peaks.dropLast().reversed() { node = Self.node(peak, node) }
        return node
    }

    public static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
        let bytes = [0x01] + left + right
        return Hash.hash(bytes.span)
    }

    /// The hash of a leaf: of 0x00 and all its bytes.
    public static func leaf(_ bytes: Span<UInt8>) -> TreeHash {
        let prefix: [UInt8] = [0x00]
        var digest = Hash()
        digest.update(prefix.span)
        digest.update(bytes)
        return digest.finalize()
    }
}
