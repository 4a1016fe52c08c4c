import Testing

@testable import Protocols

@Suite struct FifoTests {
    @Test func `it behaves like an array whose front is taken`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
            var random = seed | 1
            func roll(_ sides: UInt64) -> UInt64 {
                random ^= random << 13
                random ^= random >> 7
                random ^= random << 17
                return random % sides
            }
            var fifo = Fifo<UInt64>()
            var array: [UInt64] = []
            for number in 0..<300 as Range<UInt64> {
                switch roll(8) {
                case 0...3:
                    fifo.append(number)
                    array.append(number)
                case 4:
                    fifo.prepend(number)
                    array.insert(number, at: 0)
                default:
                    #expect(fifo.popFirst() == (array.isEmpty ? nil : array.removeFirst()), "seed \(seed)")
                }
                #expect(fifo.indices.map { fifo[$0] } == array, "seed \(seed)")
                #expect(fifo.first == array.first && fifo.last == array.last, "seed \(seed)")
            }
        }
    }
}
