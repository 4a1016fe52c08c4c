import Testing

@testable import Adapters

@Suite struct ChecksumTests {
    /// RFC 3720 §B.4.
    @Test func `the examples of the standard come out`() {
        #expect(CRC32C.crc32c([UInt8](repeating: 0, count: 32).span) == 0x8a91_36aa)
        #expect(CRC32C.crc32c([UInt8](0..<32).span) == 0x46dd_794e)
    }

    @Test(arguments: Array(0..<64) + [1023, 3071, 3072, 3073, 3080, 6143, 6144, 9300, 65_536])
    func `the CPU and the table agree, whatever came before`(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        for seed: UInt32 in [0, 1, 0xdead_beef] {
            #expect(CRC32C.crc32c(bytes.span, seed: seed) == CRC32C.byTable(bytes.span, seed: seed))
        }
    }

    @Test func `a checksum goes on where another ended`() {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let first = CRC32C.crc32c(bytes.span.extracting(0..<4_321))
        #expect(CRC32C.crc32c(bytes.span.extracting(4_321...), seed: first) == CRC32C.crc32c(bytes.span))
    }
}
