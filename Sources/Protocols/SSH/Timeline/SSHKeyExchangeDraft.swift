/// A key exchange, from the first KEXINIT to both sides' NEWKEYS (RFC 4253 §7).
struct SSHKeyExchangeDraft<Primitives: TimelinePrimitives>: Sendable {
    /// No method sends so many messages; what a peer sends beyond is not listed.
    private static var messagesShown: Int { 20 }

    var extent = SSHExtent()
    private var client: SSHOffer?
    private var server: SSHOffer?
    private(set) var algorithms: SSHAlgorithms?
    private var messages: [(number: UInt8, direction: Direction)] = []
    private var newKeys: Set<Direction> = []
    /// Host key blobs by message number: which one it is, only the method tells.
    private var hostKeys: [UInt8: HostKey] = [:]

    private struct HostKey: Sendable {
        var type: String
        /// As `ssh-keygen -l` writes it.
        var fingerprint: String
    }

    var isComplete: Bool { newKeys.count == 2 }

    mutating func add(_ offer: SSHOffer, _ range: Range<UInt64>, _ direction: Direction, at time: Timestamp) {
        extent.cover(range, direction, at: time)
        if direction == .clientToServer { client = offer } else { server = offer }
        if let client, let server { algorithms = SSHAlgorithms(client, server) }
    }

    mutating func add(
        _ number: UInt8, _ payload: Range<Int>, in bytes: Span<UInt8>, _ range: Range<UInt64>, _ direction: Direction,
        at time: Timestamp
    ) {
        extent.cover(range, direction, at: time)
        if messages.count < Self.messagesShown { messages.append((number, direction)) }
        guard direction == .serverToClient, [30, 31, 33].contains(number), hostKeys[number] == nil else { return }
        hostKeys[number] = Self.hostKey(payload, in: bytes)
    }

    mutating func addNewKeys(_ range: Range<UInt64>, _ direction: Direction, at time: Timestamp) {
        extent.cover(range, direction, at: time)
        newKeys.insert(direction)
    }

    /// K_S is the message's first string, and the key's type is the first string in it (RFC 4253 §6.6, §8).
    private static func hostKey(_ payload: Range<Int>, in bytes: Span<UInt8>) -> HostKey? {
        var reader = SSHReader(payload, .serverToClient)
        guard let blob = try? reader.string(in: bytes) else { return nil }
        var key = SSHReader(blob, .serverToClient)
        guard let type = try? key.string(in: bytes) else { return nil }
        let digest = Base64.encode(Primitives.sha256(bytes.extracting(blob)).span)
        return HostKey(
            type: DisplayText.decode(bytes.extracting(type), limit: 100),
            fingerprint: "SHA256:" + String(digest.prefix { $0 != "=" }))
    }

    // MARK: The event

    func event(finished: Bool) -> TimelineEvent {
        let outcome: TimelineEvent.Outcome =
            if let missing = algorithms?.missing {
                .failed(code: "", message: "no \(missing) in common")
            } else {
                finished ? .succeeded : .unfinished
            }
        let title = [
            algorithms?.keyExchange, algorithms?.hostKey, algorithms?.cipher.clientToServer,
        ].compactMap(\.self).joined(separator: ", ")
        return extent.event(
            "ssh.keyExchange", title.isEmpty ? "key exchange" : title, outcome,
            fingerprints + chosen + exchanged + offered)
    }

    /// HASSH: MD5 over a side's own lists, https://github.com/salesforce/hassh.
    private var fingerprints: [TimelineEvent.Field] {
        [("hassh", client), ("hasshServer", server)].compactMap { name, offer in
            offer.map { .init(name, .text(Hex.encode(Primitives.md5($0.fingerprinted.span)))) }
        }
    }

    private var chosen: [TimelineEvent.Field] {
        guard let algorithms else { return [] }
        let names: [(String, String?)] = [
            ("method", algorithms.keyExchange), ("hostKeyType", algorithms.hostKey),
            ("cipherSent", algorithms.cipher.clientToServer), ("cipherReceived", algorithms.cipher.serverToClient),
            ("macSent", algorithms.mac(.clientToServer)), ("macReceived", algorithms.mac(.serverToClient)),
            ("compressionSent", algorithms.compression.clientToServer),
            ("compressionReceived", algorithms.compression.serverToClient),
        ]
        return names.compactMap { name, value in value.map { .init(name, .text($0)) } }
    }

    private var exchanged: [TimelineEvent.Field] {
        let method = SSHKeyExchangeMethod(algorithms?.keyExchange)
        var fields: [TimelineEvent.Field] = []
        if let number = method.hostKeyMessage, let key = hostKeys[number] {
            fields.append(.init("hostKey", .text("\(key.type) \(key.fingerprint)")))
        }
        if client?.guesses == true || server?.guesses == true { fields.append(.init("guessed", .boolean(true))) }
        if hasStrictOrder { fields.append(.init("strictOrder", .boolean(true))) }
        let names = messages.map {
            TimelineEvent.Value.text("\($0.direction.sender): \(method.messageName($0.number))")
        }
        if !names.isEmpty { fields.append(.init("messages", .list(names))) }
        return fields
    }

    /// Both sides refuse messages that have no place in the exchange (OpenSSH's PROTOCOL §1.10, CVE-2023-48795).
    private var hasStrictOrder: Bool {
        client?.keyExchange.contains("kex-strict-c-v00@openssh.com") == true
            && server?.keyExchange.contains("kex-strict-s-v00@openssh.com") == true
    }

    private var offered: [TimelineEvent.Field] {
        var fields: [TimelineEvent.Field] = []
        for (side, offer) in [("client", client), ("server", server)] {
            guard let offer else { continue }
            for (name, list) in [
                ("Methods", offer.keyExchange), ("HostKeyTypes", offer.hostKey),
                ("Ciphers", offer.cipher.clientToServer), ("MACs", offer.mac.clientToServer),
            ] {
                fields.append(.init(side + name, .list(list.prefix(200).map(TimelineEvent.Value.text))))
            }
        }
        return fields
    }
}
