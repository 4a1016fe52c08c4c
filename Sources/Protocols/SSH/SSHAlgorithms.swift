/// What a peer said in KEXINIT, as owned text.
public struct SSHOffer: Sendable, Equatable {
    public var keyExchange: [String]
    public var hostKey: [String]
    public var cipher: PerDirection
    public var mac: PerDirection
    public var compression: PerDirection
    public var guesses: Bool
    /// The name-lists that make the fingerprint, joined as HASSH wants them.
    public var fingerprinted: [UInt8]

    public struct PerDirection: Sendable, Equatable {
        public var clientToServer: [String]
        public var serverToClient: [String]

        subscript(direction: Direction) -> [String] {
            direction == .clientToServer ? clientToServer : serverToClient
        }
    }

    init(_ message: SSHKeyExchangeInit, in bytes: Span<UInt8>, from direction: Direction) {
        keyExchange = Self.names(message.keyExchange, bytes)
        hostKey = Self.names(message.hostKey, bytes)
        cipher = Self.names(message.cipher, bytes)
        mac = Self.names(message.mac, bytes)
        compression = Self.names(message.compression, bytes)
        guesses = message.guesses
        // HASSH: https://github.com/salesforce/hassh. Each side's lists are those of its own direction.
        fingerprinted = [UInt8](copying: bytes.extracting(message.keyExchange))
        for list in [message.cipher[direction], message.mac[direction], message.compression[direction]] {
            fingerprinted.append(UInt8(ascii: ";"))
            fingerprinted.append(bytes.extracting(list))
        }
    }

    private static func names(_ lists: SSHPerDirection, _ bytes: Span<UInt8>) -> PerDirection {
        PerDirection(
            clientToServer: names(lists.clientToServer, bytes), serverToClient: names(lists.serverToClient, bytes))
    }

    private static func names(_ list: Range<Int>, _ bytes: Span<UInt8>) -> [String] {
        DisplayText.decode(bytes.extracting(list)).split(separator: ",").map(String.init)
    }
}

/// What both offers together come to: of each list the client's first that the server has, too (RFC 4253 §7.1).
struct SSHAlgorithms: Sendable, Equatable {
    var keyExchange: String?
    var hostKey: String?
    var cipher: Pair
    var mac: Pair
    var compression: Pair

    struct Pair: Sendable, Equatable {
        var clientToServer: String?
        var serverToClient: String?
    }

    /// The host key's list depends on the method only for methods that need none, which nobody speaks.
    init(_ client: SSHOffer, _ server: SSHOffer) {
        func chosen(_ list: (SSHOffer) -> [String]) -> String? {
            let others = Set(list(server))
            return list(client).first { others.contains($0) && !Self.isSignal($0) }
        }
        func pair(_ list: (SSHOffer) -> SSHOffer.PerDirection) -> Pair {
            Pair(
                clientToServer: chosen { list($0).clientToServer }, serverToClient: chosen { list($0).serverToClient })
        }
        keyExchange = chosen(\.keyExchange)
        hostKey = chosen(\.hostKey)
        cipher = pair(\.cipher)
        mac = pair(\.mac)
        compression = pair(\.compression)
    }

    /// Names in the list of methods that are none: RFC 8308 §2.1, and OpenSSH's answer to CVE-2023-48795.
    private static func isSignal(_ name: String) -> Bool {
        name.hasPrefix("ext-info-") || name.hasPrefix("kex-strict-")
    }

    /// The list that has nothing in common; `nil` when every list has. A cipher that authenticates needs no MAC.
    var missing: String? {
        if keyExchange == nil { return "key exchange method" }
        if hostKey == nil { return "host key type" }
        if cipher.clientToServer == nil || cipher.serverToClient == nil { return "cipher" }
        if mac(.clientToServer) == nil || mac(.serverToClient) == nil { return "MAC" }
        if compression.clientToServer == nil || compression.serverToClient == nil { return "compression method" }
        return nil
    }

    /// The name of the MAC in use; "implicit" where the cipher authenticates by itself.
    func mac(_ direction: Direction) -> String? {
        let (cipher, mac) =
            direction == .clientToServer
            ? (cipher.clientToServer, mac.clientToServer) : (cipher.serverToClient, mac.serverToClient)
        guard let cipher, Self.authenticates(cipher) else { return mac }
        return "implicit"
    }

    /// AES-GCM (RFC 5647, OpenSSH's names) and ChaCha20-Poly1305.
    private static func authenticates(_ cipher: String) -> Bool {
        cipher.contains("gcm") || cipher.contains("poly1305")
    }
}
