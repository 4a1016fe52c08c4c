extension [UInt8] {
    /// Appends a number's digits, behind as many zeros as make them `width`.
    @inlinable public mutating func append(decimal value: some BinaryInteger, width: Int = 1) {
        var rest = UInt64(value)
        let start = count
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        while count - start < width { append(UInt8(ascii: "0")) }
        var (low, high) = (start, count - 1)
        while low < high {
            swapAt(low, high)
            low += 1
            high -= 1
        }
    }
}
