import Testing
import WireTestKit

@Suite struct RecoveryPropertiesTests {
    @Test func `every case that the fuzzer found before holds`() throws {
        for input in try FuzzInput.all(of: "FuzzJournal") {
            #expect(JournalProperties.violation(input.bytes) == nil, "\(input.path)")
        }
    }

    @Test func `whatever a journal holds, it is recovered soundly and once`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        for number in 0..<200 {
            let count = Int.random(in: 0..<600, using: &random)
            let input = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(JournalProperties.violation(input) == nil, "seed \(seed), input \(number)")
        }
    }
}
