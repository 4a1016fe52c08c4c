/// Spreads flows over a table. Every packet asks for its flow, so this has to cost little.
///
/// Multilinear hashing (Lemire and Kaser, "Strongly universal string hashing is fast", 2014, §2): whoever does not know the factors
/// finds no keys that collide more often than one pair in 2³². They are as random as the hashes of a `Dictionary`, and no peer
/// learns them.
struct FlowHash: Sendable {
    /// One for each 32 bits of a key, and one more.
    private let factors: [10 of UInt64]

    init() {
        factors = InlineArray { index in
            var hasher = Hasher()
            hasher.combine(index)
            return UInt64(bitPattern: Int64(hasher.finalize()))
        }
    }

    /// A number below 2³².
    func callAsFunction(_ key: FlowKey) -> Int {
        var sum = factors[9]
        sum &+= product(key.lower.address.low, 0) &+ product(key.higher.address.low, 2)
        // Of IPv4 addresses the upper halves are all alike.
        if key.lower.address.high | key.higher.address.high != 0 {
            sum &+= product(key.lower.address.high, 4) &+ product(key.higher.address.high, 6)
        }
        sum &+= factors[8] &* (UInt64(key.lower.port) << 16 | UInt64(key.higher.port))
        return Int(sum >> 32)
    }

    private func product(_ word: UInt64, _ index: Int) -> UInt64 {
        factors[index] &* (word & 0xffff_ffff) &+ factors[index + 1] &* (word >> 32)
    }
}
