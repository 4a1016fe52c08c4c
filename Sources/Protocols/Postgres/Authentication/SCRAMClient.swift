/// The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as Postgres speaks it (manual §55.3): the user name stays empty,
/// the startup packet has it. A value: nonce and salted password come from outside.
///
/// The password is used as its bytes. Postgres applies SASLprep first, which changes nothing for ASCII.
public struct SCRAMClient<Cryptography: PostgresCryptography>: Sendable {
    public static var mechanism: String { "SCRAM-SHA-256" }
    /// A server may ask for no more work than this (a count of iterations), nor for less than RFC 7677 §4 permits.
    public static var iterations: ClosedRange<Int> { 4_096...600_000 }

    /// What the server wants the password to be salted with.
    public struct Salting: Sendable, Hashable {
        public var salt: [UInt8]
        public var iterations: Int
    }

    private enum State: Sendable {
        case awaitingServerFirst
        case awaitingSalted(serverFirst: [UInt8], nonce: String)
        case awaitingServerFinal(signature: [UInt8])
        case done
        case failed
    }

    private let clientNonce: String
    private var state = State.awaitingServerFirst

    /// - Parameter nonce: at least 18 random bytes.
    public init(nonce: [UInt8]) { clientNonce = Base64.encode(nonce.span) }

    /// The client-first-message, without channel binding: this connection has no TLS to bind to.
    public var first: [UInt8] { Array("n,,\(bare)".utf8) }

    private var bare: String { "n=,r=\(clientNonce)" }

    /// The server-first-message: what to salt the password with.
    public mutating func received(serverFirst: [UInt8]) throws(PostgresLoginFailure) -> Salting {
        guard case .awaitingServerFirst = exchange(&state, with: .failed) else { throw .outOfOrder }
        let attributes = try Self.attributes(serverFirst)
        guard attributes.count == 3, let nonce = attributes[0].value("r"), let salt = attributes[1].value("s"),
            let count = attributes[2].value("i")
        else { throw .scram("the server's first message is malformed") }
        guard nonce.utf8.count > clientNonce.utf8.count, nonce.hasPrefix(clientNonce) else {
            throw .scram("the server's nonce does not continue ours")
        }
        guard let bytes = Base64.decode(salt), !bytes.isEmpty else { throw .scram("the server's salt is not base64") }
        guard let iterations = Int(count), Self.iterations.contains(iterations) else {
            throw .scram("the server asks for an iteration count outside \(Self.iterations)")
        }
        state = .awaitingSalted(serverFirst: serverFirst, nonce: nonce)
        return Salting(salt: bytes, iterations: iterations)
    }

    /// The client-final-message, which proves that we know the password.
    public mutating func final(salted: Secret) throws(PostgresLoginFailure) -> [UInt8] {
        guard case .awaitingSalted(let serverFirst, let nonce) = exchange(&state, with: .failed) else {
            throw .outOfOrder
        }
        let withoutProof = "c=biws,r=\(nonce)"
        let message = Array("\(bare),".utf8) + serverFirst + Array(",\(withoutProof)".utf8)
        let clientKey = Self.mac("Client Key", salted)
        let storedKey = Cryptography.sha256(clientKey.span)
        let signature = Cryptography.authenticate(message.span, key: storedKey.span)
        let proof = zip(clientKey, signature).map { $0 ^ $1 }
        let serverKey = Self.mac("Server Key", salted)
        state = .awaitingServerFinal(signature: Cryptography.authenticate(message.span, key: serverKey.span))
        return Array("\(withoutProof),p=\(Base64.encode(proof.span))".utf8)
    }

    /// The server-final-message: throws unless the server has proven that it knows the password, too.
    public mutating func received(serverFinal: [UInt8]) throws(PostgresLoginFailure) {
        guard case .awaitingServerFinal(let expected) = exchange(&state, with: .failed) else { throw .outOfOrder }
        let attributes = try Self.attributes(serverFinal)
        if let error = attributes.first?.value("e") { throw .scram("the server says \(error.prefix(64))") }
        guard attributes.count == 1, let text = attributes[0].value("v"), let signature = Base64.decode(text),
            Cryptography.areEqual(signature.span, expected.span)
        else { throw .scram("the server could not prove that it knows the password") }
        state = .done
    }

    /// Whether the server has proven itself; AuthenticationOk before that is a trick.
    public var isDone: Bool {
        if case .done = state { true } else { false }
    }

    private static func mac(_ text: String, _ key: Secret) -> [UInt8] {
        let text = Array(text.utf8)
        return Cryptography.authenticate(text.span, key: key.bytes.span)
    }

    private static func attributes(_ message: [UInt8]) throws(PostgresLoginFailure) -> [Attribute] {
        guard message.count <= 4_096, let text = String(validating: message, as: UTF8.self) else {
            throw .scram("a message of the server is no text")
        }
        return text.split(separator: ",", omittingEmptySubsequences: false).map { Attribute(text: $0) }
    }

    private struct Attribute {
        let text: Substring

        func value(_ name: Character) -> String? {
            guard text.first == name, text.dropFirst().first == "=" else { return nil }
            return String(text.dropFirst(2))
        }
    }
}
