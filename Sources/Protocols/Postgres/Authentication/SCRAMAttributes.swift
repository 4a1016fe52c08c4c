/// The attributes of a SCRAM message (RFC 5802 §5.1): a letter, "=" and a value, with commas between. Untrusted.
struct SCRAMAttributes {
    /// Longer messages are refused. What is meant honestly has about 200 bytes.
    static let byteCountMaximum = 4_096

    private var texts: ArraySlice<String> = []

    /// `nil` unless the message is a bounded text.
    init?(_ message: some Collection<UInt8>) {
        guard message.count <= Self.byteCountMaximum else { return nil }
        // On bytes: in a String, a comma and a combining mark after it are one character.
        for part in message.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard let text = String(validating: part, as: UTF8.self) else { return nil }
            texts.append(text)
        }
    }

    var isEmpty: Bool { texts.isEmpty }

    /// Takes the next attribute, which has to be this one.
    mutating func next(_ name: Unicode.Scalar) -> String? {
        guard let text = texts.popFirst() else { return nil }
        let scalars = text.unicodeScalars
        guard scalars.first == name, scalars.dropFirst().first == "=" else { return nil }
        return String(scalars.dropFirst(2))
    }

    /// Takes the last attribute, which has to be this one.
    mutating func last(_ name: Unicode.Scalar) -> String? {
        guard let text = texts.popLast() else { return nil }
        var attribute = self
        attribute.texts = [text]
        return attribute.next(name)
    }

    /// As ``next(_:)``, for the attribute "r": printable characters without the comma (RFC 5802 §7, "printable").
    mutating func nextNonce() -> String? {
        guard let nonce = next("r"), !nonce.isEmpty, nonce.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return nil
        }
        return nonce
    }
}
