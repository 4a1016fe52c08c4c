import CLinux
public import Protocols

/// CRC-32C by the CPU's instruction, or by table where it has none.
public enum CRC32C: Checksum {
    private static let isInHardware = wt_crc32c_in_hardware() != 0

    public static func crc32c(_ bytes: Span<UInt8>, seed: UInt32 = 0) -> UInt32 {
        guard isInHardware else { return byTable(bytes, seed: seed) }
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            // SAFETY: an empty span may have no address; the instruction is then never reached.
            guard let base = bytes.baseAddress else { return seed }
            return unsafe ~wt_crc32c_hardware(~seed, base, bytes.count)
        }
    }

    /// The same checksum on any CPU.
    static func byTable(_ bytes: Span<UInt8>, seed: UInt32) -> UInt32 {
        var state = ~seed
        for index in bytes.indices {
            state = table[Int(UInt8(truncatingIfNeeded: state) ^ bytes[index])] ^ state >> 8
        }
        return ~state
    }

    /// RFC 3720 §B.4, reflected polynomial.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { state, _ in state & 1 == 1 ? state >> 1 ^ 0x82f6_3b78 : state >> 1 }
    }
}
