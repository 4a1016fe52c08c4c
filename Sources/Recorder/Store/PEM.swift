import Protocols

/// Ed25519 keys as PEM (RFC 7468) around their fixed DER forms (RFC 8410), as `openssl pkey` reads and writes them.
enum PEM {
    /// OneAsymmetricKey, version 0, id-Ed25519, and the head of the 32-byte seed.
    private static let privatePrefix: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    /// SubjectPublicKeyInfo, id-Ed25519, and the head of the 32-byte key.
    private static let publicPrefix: [UInt8] = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    static func privateKey(_ seed: Span<UInt8>) -> String {
        armor(privatePrefix + [UInt8](copying: seed), "PRIVATE KEY")
    }

    static func publicKey(_ key: [UInt8]) -> String { armor(publicPrefix + key, "PUBLIC KEY") }

    static func privateSeed(_ text: String) -> [UInt8]? { key(text, "PRIVATE KEY", privatePrefix) }

    static func publicKeyBytes(_ text: String) -> [UInt8]? { key(text, "PUBLIC KEY", publicPrefix) }

    private static func armor(_ der: [UInt8], _ label: String) -> String {
        "-----BEGIN \(label)-----\n\(Base64.encode(der.span))\n-----END \(label)-----\n"
    }

    private static func key(_ text: String, _ label: String, _ prefix: [UInt8]) -> [UInt8]? {
        let lines = text.split { $0 == "\n" || $0 == "\r\n" }
        guard lines.count >= 3, lines.first == "-----BEGIN \(label)-----", lines.last == "-----END \(label)-----",
            let der = Base64.decode(lines[1..<lines.count - 1].joined()), der.starts(with: prefix),
            der.count == prefix.count + 32
        else { return nil }
        return Array(der[prefix.count...])
    }
}
