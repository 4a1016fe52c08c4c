/// What the parsers of both directions share; the span is one whole message.
extension Span<UInt8> {
    /// The offset of the zero that ends a text.
    func endOfText(from start: Int, _ direction: Direction) throws(WireFault) -> Int {
        guard let zero = firstIndex(of: 0, from: start) else {
            throw WireFault(.malformed, "a text without end", direction, at: start)
        }
        return zero
    }

    /// The offset of the zero that ends both a text and the message.
    func endOfLastText(from start: Int, _ direction: Direction) throws(WireFault) -> Int {
        guard let zero = firstIndex(of: 0, from: start), zero == count - 1 else {
            throw WireFault(.malformed, "a text that does not end with its message", direction, at: start)
        }
        return zero
    }

    /// Holds the message to the one length that its content allows.
    func expectCount(_ expected: Int, _ direction: Direction) throws(WireFault) {
        guard count == expected else {
            throw WireFault(.malformed, "a length that does not fit the content", direction, at: 1)
        }
    }
}
