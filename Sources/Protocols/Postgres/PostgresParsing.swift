// Shared by the parsers of both directions.

/// The offset of the zero that ends a string which must fill a message up to `end`.
func string(
    through end: Int, of message: Span<UInt8>, from start: Int, _ direction: Direction
) throws(WireFault) -> Int {
    guard let zero = message.firstIndex(of: 0, from: start), zero == end - 1 else {
        throw WireFault(.malformed, "a text that does not end with its message", direction, at: start)
    }
    return zero
}

/// The offset of the zero that ends a string with more to follow.
func string(of message: Span<UInt8>, from start: Int, _ direction: Direction) throws(WireFault) -> Int {
    guard let zero = message.firstIndex(of: 0, from: start) else {
        throw WireFault(.malformed, "a name without end", direction, at: start)
    }
    return zero
}

/// Holds a message to the one length that its content allows.
func expect(
    _ total: Int, is expected: Int, _ direction: Direction
) throws(WireFault) {
    guard total == expected else {
        throw WireFault(.malformed, "a length that does not fit the content", direction, at: 1)
    }
}
