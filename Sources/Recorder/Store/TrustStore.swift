public import Adapters
import Glibc

/// A public key and the name under which it is trusted.
public struct TrustedKey: Sendable, Hashable {
    public var name: String
    public var key: Ed25519.PublicKey
    public var id: KeyID { KeyID(key) }

    public init(name: String, key: Ed25519.PublicKey) {
        self.name = name
        self.key = key
    }

    /// Reads a PEM file with an Ed25519 public key; the file's name without ".pem" is the key's name.
    public init(file path: String) throws(StoreFault) {
        guard let bytes = PEM.publicKeyBytes(try StateFolder.readText(path)), let key = Ed25519.PublicKey(bytes) else {
            throw .refused(path: path, reason: "is no Ed25519 public key in PEM")
        }
        let file = path.split(separator: "/").last.map(String.init) ?? path
        self.init(name: file.hasSuffix(".pem") ? String(file.dropLast(4)) : file, key: key)
    }

    /// The key as `openssl pkey -pubin` reads it.
    public var pem: String { PEM.publicKey(key.bytes) }
}

/// The public keys whose signatures count: one PEM file each in the folder `trusted` of the state folder.
public struct TrustStore: Sendable, Hashable {
    public private(set) var keys: [TrustedKey]

    public init(_ keys: [TrustedKey]) { self.keys = keys }

    public init(_ state: StateFolder) throws(StoreFault) {
        try StoreFile.makeFolder(Self.folder(state))
        keys = []
        for name in try StoreFile.names(in: Self.folder(state)) where name.hasSuffix(".pem") {
            keys.append(try TrustedKey(file: "\(Self.folder(state))/\(name)"))
        }
    }

    public func key(_ id: KeyID) -> TrustedKey? { keys.first { $0.id == id } }

    /// Puts the key into the folder. The same key under the same name is no error.
    ///
    /// - Throws: `.refused` when the name is taken by another key, or unfit for a file.
    public mutating func add(_ key: TrustedKey, to state: StateFolder) throws(StoreFault) {
        let path = "\(Self.folder(state))/\(key.name).pem"
        guard !key.name.isEmpty, !key.name.hasPrefix("."), !key.name.contains("/"), !key.name.contains("\0") else {
            throw .refused(path: path, reason: "a key's name is a plain file name")
        }
        if try !state.writeNew(key.pem, at: path), try TrustedKey(file: path).key != key.key {
            throw .refused(path: path, reason: "another key is trusted under this name; remove it first")
        }
        if !keys.contains(key) { keys.append(key) }
    }

    /// Takes the key of this name away.
    ///
    /// - Returns: the key; `nil` when none has the name.
    public mutating func remove(named name: String, from state: StateFolder) throws(StoreFault) -> TrustedKey? {
        guard let place = keys.firstIndex(where: { $0.name == name }) else { return nil }
        let path = "\(Self.folder(state))/\(name).pem"
        guard unsafe unlink(path) == 0 else { throw .system(operation: "remove", path: path, errno: errno) }
        return keys.remove(at: place)
    }

    /// Trusts the gateway's own key, as on its first start.
    public mutating func addOwn(_ key: GatewayKey, to state: StateFolder) throws(StoreFault) {
        guard self.key(key.id) == nil else { return }
        try add(TrustedKey(name: "gateway-\(key.id.short)", key: key.publicKey), to: state)
    }

    private static func folder(_ state: StateFolder) -> String { "\(state.path)/trusted" }
}
