/// Big-endian reads from untrusted bytes: `nil` where the bytes end, never a trap.
extension Span<UInt8> {
    @inlinable @inline(__always)
    public func uint16BE(at index: Int) -> UInt16? {
        guard index >= 0, index <= count &- 2 else { return nil }
        return UInt16(self[index]) << 8 | UInt16(self[index &+ 1])
    }

    @inlinable @inline(__always)
    public func uint32BE(at index: Int) -> UInt32? {
        guard index >= 0, index <= count &- 4 else { return nil }
        return UInt32(self[index]) << 24 | UInt32(self[index &+ 1]) << 16
            | UInt32(self[index &+ 2]) << 8 | UInt32(self[index &+ 3])
    }

    @inlinable @inline(__always)
    public func uint64BE(at index: Int) -> UInt64? {
        guard index >= 0, index <= count &- 8 else { return nil }
        return word(at: index).byteSwapped
    }

    /// The eight bytes at `index`, the first one lowest: one load.
    @inlinable @inline(__always)
    internal func word(at index: Int) -> UInt64 {
        let bytes = extracting(index..<index &+ 8)
        let low = UInt64(bytes[0]) | UInt64(bytes[1]) << 8 | UInt64(bytes[2]) << 16 | UInt64(bytes[3]) << 24
        let high = UInt64(bytes[4]) | UInt64(bytes[5]) << 8 | UInt64(bytes[6]) << 16 | UInt64(bytes[7]) << 24
        return low | high << 32
    }

    /// The index of the next `byte` at or after `start`.
    public func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        let index = firstIndex(from: start) { $0.isEqual(to: byte) }
        return index < count ? index : nil
    }
}

extension Span<UInt8> {
    /// Whether these bytes stand somewhere in it.
    public func contains(_ text: Span<UInt8>) -> Bool {
        guard text.count > 0 else { return true }
        var start = 0
        while let place = firstIndex(of: text[0], from: start), place <= count - text.count {
            var matched = 1
            while matched < text.count, self[place + matched] == text[matched] { matched += 1 }
            if matched == text.count { return true }
            start = place + 1
        }
        return false
    }
}

/// Little-endian reads, for our own formats.
extension Span<UInt8> {
    @inlinable public func uint32LE(at index: Int) -> UInt32? { uint32BE(at: index)?.byteSwapped }

    @inlinable public func uint64LE(at index: Int) -> UInt64? { uint64BE(at: index)?.byteSwapped }
}

extension [UInt8] {
    @inlinable public init(copying span: Span<UInt8>) {
        self.init(capacity: span.count) { output in
            for index in span.indices { output.append(span[index]) }
        }
    }

    @inlinable public mutating func append(_ span: Span<UInt8>) {
        append(addingCapacity: span.count) { (output: inout OutputSpan<UInt8>) in
            for index in span.indices { output.append(span[index]) }
        }
    }

    @inlinable public mutating func appendBE<Value: FixedWidthInteger>(_ value: Value) {
        append(addingCapacity: Value.bitWidth / 8) { (output: inout OutputSpan<UInt8>) in
            var shift = Value.bitWidth - 8
            while shift >= 0 {
                output.append(UInt8(truncatingIfNeeded: value >> shift))
                shift -= 8
            }
        }
    }

    @inlinable public mutating func appendLE<Value: FixedWidthInteger>(_ value: Value) {
        appendBE(value.byteSwapped)
    }
}
