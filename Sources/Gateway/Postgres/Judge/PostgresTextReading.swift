import Protocols

/// Whether the server reads a text as our parser does: that takes ASCII or UTF-8, and backslashes that mean themselves.
///
/// The server tells both settings when they change, but after the fact: while a request is under way that may change
/// them, neither is relied upon.
struct PostgresTextReading: Sendable {
    private var isUTF8 = false
    private var isStandardConforming = false
    /// A setting was not always as it is: the end of a transaction may bring back what it was.
    private var hasChanged = false
    private var isUncertain = false

    mutating func saw(_ status: PostgresMessage.ParameterStatus, _ bytes: Span<UInt8>) {
        let name = [UInt8](copying: bytes.extracting(status.name))
        let value = [UInt8](copying: bytes.extracting(status.value))
        switch name {
        case Self.encoding:
            if isUTF8, value != Self.utf8 { hasChanged = true }
            isUTF8 = value == Self.utf8
        case Self.strings:
            if isStandardConforming, value != Self.on { hasChanged = true }
            isStandardConforming = value == Self.on
        default: break
        }
    }

    private static let encoding = Array("client_encoding".utf8)
    private static let utf8 = Array("UTF8".utf8)
    private static let strings = Array("standard_conforming_strings".utf8)
    private static let on = Array("on".utf8)

    /// A request goes to the server.
    mutating func sent(_ disturbance: TextDisturbance) {
        switch disturbance {
        case .never: break
        case .afterChange: if hasChanged { isUncertain = true }
        case .always: isUncertain = true
        }
    }

    /// Everything that was asked has been answered.
    mutating func settled() { isUncertain = false }

    /// Why our parser might read the text in another way than the server; `nil` when it does not.
    func obstacle(in text: Span<UInt8>) -> SQLBlindness? {
        var isASCII = true
        var hasBackslash = false
        for index in text.indices {
            if text[index] >= 0x80 { isASCII = false }
            if text[index] == UInt8(ascii: "\\") { hasBackslash = true }
        }
        if !isASCII, isUncertain || !isUTF8 { return .encoding }
        if hasBackslash, isUncertain || !isStandardConforming { return .backslash }
        return nil
    }
}
