public import Adapters
public import Protocols

/// The name of a public key: SHA-256 of its 32 bytes.
public struct KeyID: Sendable, Hashable, CustomStringConvertible {
    public let bytes: [UInt8]

    public init(_ key: Ed25519.PublicKey) { bytes = SHA256.hash(key.bytes.span) }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// All 64 digits.
    public var description: String { Hex.encode(bytes) }

    /// The first 16 digits: enough to tell keys apart on a screen, too few to trust one by.
    public var short: String { String(description.prefix(16)) }
}

/// The key with which one gateway signs its recordings and its ledger. Prints as asterisks.
public struct GatewayKey: Signer, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let key: Ed25519.PrivateKey
    public let id: KeyID
    public var publicKey: Ed25519.PublicKey { key.publicKey }

    public init(_ key: Ed25519.PrivateKey) {
        self.key = key
        id = KeyID(key.publicKey)
    }

    public func sign(_ message: Span<UInt8>) -> [UInt8] { key.sign(message) }

    public var description: String { "********" }
    public var debugDescription: String { "********" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Reads the key of a state folder, or makes one when there is none.
    ///
    /// - Throws: `.refused` when others than the owner may read the file.
    public static func load(from state: StateFolder) throws(StoreFault) -> GatewayKey {
        if let key = try existing(in: state) { return key }
        return try create(at: path(in: state), in: state)
    }

    /// Reads the key of a state folder; `nil` when no gateway has made one yet.
    ///
    /// - Throws: `.refused` when others than the owner may read the file.
    public static func existing(in state: StateFolder) throws(StoreFault) -> GatewayKey? {
        let path = path(in: state)
        guard let text = try state.readSecret(path) else { return nil }
        guard let seed = PEM.privateSeed(text), let key = Ed25519.PrivateKey(seed: seed) else {
            throw .refused(path: path, reason: "is no Ed25519 private key in PEM (PKCS #8)")
        }
        return GatewayKey(key)
    }

    private static func path(in state: StateFolder) -> String { "\(state.path)/gateway.key" }

    private static func create(at path: String, in state: StateFolder) throws(StoreFault) -> GatewayKey {
        let key = Ed25519.PrivateKey()
        let text = key.withSeed { PEM.privateKey($0) }
        // Another process may have made one meanwhile; the first one stays.
        guard try state.writeNew(text, at: path) else { return try load(from: state) }
        return GatewayKey(key)
    }
}
