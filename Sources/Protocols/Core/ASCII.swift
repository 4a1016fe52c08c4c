extension UInt8 {
    var isDigit: Bool { self &- 0x30 < 10 }

    /// The letter in lower case; any other byte as it is.
    var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
