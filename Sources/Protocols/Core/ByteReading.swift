/// Big-endian reads from untrusted bytes: `nil` where the bytes end, never a trap.
extension Span<UInt8> {
    @inlinable public func uint16BE(at index: Int) -> UInt16? {
        guard index >= 0, index <= count - 2 else { return nil }
        return UInt16(self[index]) << 8 | UInt16(self[index + 1])
    }

    @inlinable public func uint32BE(at index: Int) -> UInt32? {
        guard index >= 0, index <= count - 4 else { return nil }
        return UInt32(self[index]) << 24 | UInt32(self[index + 1]) << 16
            | UInt32(self[index + 2]) << 8 | UInt32(self[index + 3])
    }

    @inlinable public func uint64BE(at index: Int) -> UInt64? {
        guard let high = uint32BE(at: index), let low = uint32BE(at: index + 4) else { return nil }
        return UInt64(high) << 32 | UInt64(low)
    }

    /// The index of the next `byte` at or after `start`.
    @inlinable public func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        var index = start
        while index <= count - 32, !extracting(index..<index + 32).holds(byte) { index += 32 }
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// Without a way out of the loop, so that many bytes are looked at in one instruction; in a function of its own, or the compiler
    /// takes the few bytes of a block one by one.
    @inline(never) @usableFromInline
    internal func holds(_ byte: UInt8) -> Bool {
        var found: UInt8 = 0
        for index in indices { found |= self[index] == byte ? 1 : 0 }
        return found != 0
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
        var shift = Value.bitWidth - 8
        while shift >= 0 {
            append(UInt8(truncatingIfNeeded: value >> shift))
            shift -= 8
        }
    }

    @inlinable public mutating func appendLE<Value: FixedWidthInteger>(_ value: Value) {
        appendBE(value.byteSwapped)
    }
}
