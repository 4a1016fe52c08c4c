import Protocols

/// The order in which the machine that captured wrote its integers.
enum ByteOrder: Sendable, Hashable {
    case little
    case big

    func uint16(_ bytes: Span<UInt8>, at index: Int) -> UInt16? {
        let value = bytes.uint16BE(at: index)
        return self == .big ? value : value?.byteSwapped
    }

    func uint32(_ bytes: Span<UInt8>, at index: Int) -> UInt32? {
        self == .big ? bytes.uint32BE(at: index) : bytes.uint32LE(at: index)
    }

    func uint64(_ bytes: Span<UInt8>, at index: Int) -> UInt64? {
        self == .big ? bytes.uint64BE(at: index) : bytes.uint64LE(at: index)
    }
}
