import Protocols

/// What an Interface Description Block tells (§4.2): the link type of its packets, and how their times are counted.
struct PcapngInterface: Sendable, Hashable {
    private enum Option {
        static let end: UInt16 = 0
        static let timestampResolution: UInt16 = 9
        static let timestampOffset: UInt16 = 14
    }

    let link: LinkType
    /// 0: without limit.
    let snapshotLength: Int
    /// A power of ten, or of two where ``isBinary``: so many units make a second.
    private var exponent = 6
    private var isBinary = false
    private var offsetSeconds: Int64 = 0

    init(_ body: Span<UInt8>, _ order: ByteOrder) throws(CaptureFault) {
        guard let link = order.uint16(body, at: 0), let snapshot = order.uint32(body, at: 4) else {
            throw CaptureFault(.malformed, "an interface's block is too short", at: 8)
        }
        self.link = LinkType(rawValue: link)
        snapshotLength = Int(snapshot)
        var index = 8
        while let code = order.uint16(body, at: index), let count = order.uint16(body, at: index + 2),
            code != Option.end
        {
            guard body.count - index - 4 >= count else {
                throw CaptureFault(.malformed, "an interface's option is longer than its block", at: index + 8)
            }
            set(code, body.extracting(index + 4..<index + 4 + Int(count)), order)
            index += 4 + (Int(count) + 3) / 4 * 4
        }
    }

    private mutating func set(_ option: UInt16, _ value: Span<UInt8>, _ order: ByteOrder) {
        switch option {
        case Option.timestampResolution where value.count == 1:
            exponent = Int(value[0] & 0x7f)
            isBinary = value[0] & 0x80 != 0
        case Option.timestampOffset:
            offsetSeconds = order.uint64(value, at: 0).map { Int64(bitPattern: $0) } ?? 0
        default: break
        }
    }

    /// Nanoseconds since 1970. Times beyond what 64 bits hold, which no clock has told, are at their bound.
    func wallNanoseconds(_ units: UInt64) -> Int64 {
        let (since, isTooLong) = Int64(clamping: nanoseconds(units)).addingReportingOverflow(offsetNanoseconds)
        return isTooLong ? (offsetNanoseconds < 0 ? .min : .max) : since
    }

    private var offsetNanoseconds: Int64 {
        let (product, isTooLong) = offsetSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        return isTooLong ? (offsetSeconds < 0 ? .min : .max) : product
    }

    private func nanoseconds(_ units: UInt64) -> UInt64 {
        if isBinary {
            let (high, low) = units.multipliedFullWidth(by: 1_000_000_000)
            guard exponent > 0 else { return high == 0 ? low : .max }
            guard exponent < 64 else { return exponent == 64 ? high : high >> UInt64(exponent - 64) }
            return high >> UInt64(exponent) == 0 ? high << UInt64(64 - exponent) | low >> UInt64(exponent) : .max
        }
        let scale = (0..<min(abs(9 - exponent), 19)).reduce(UInt64(1)) { power, _ in power * 10 }
        guard exponent <= 9 else { return exponent - 9 > 19 ? 0 : units / scale }
        let (product, isTooLong) = units.multipliedReportingOverflow(by: scale)
        return isTooLong ? .max : product
    }
}
