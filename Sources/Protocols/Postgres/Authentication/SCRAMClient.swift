/// The client's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677) as Postgres speaks them (manual
/// §55.3): the user name stays empty, the startup packet has it. A value: nonce and salted password come from outside.
///
/// Whoever salts the password applies SASLprep first (RFC 5802 §2.2).
public struct SCRAMClient<Cryptography: PostgresCryptography>: Sendable {
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
    private let flag: SCRAMBindingFlag
    private var state = State.awaitingServerFirst

    /// - Parameters:
    ///   - nonce: at least 18 random bytes.
    ///   - binding: what this connection can be bound to.
    ///   - offered: whether the server offers to bind to it.
    public init(nonce: [UInt8], binding: SCRAMChannelBinding = .none, offered: Bool = false) {
        clientNonce = Base64.encode(nonce.span)
        flag = binding.endPoint.map { offered ? .endPoint($0) : .notOffered } ?? .unsupported
    }

    public var mechanism: SCRAMMechanism { flag.mechanism }

    /// The client-first-message.
    public var first: [UInt8] { Array((flag.header + bare).utf8) }

    private var bare: String { "n=,r=\(clientNonce)" }

    /// The server-first-message: what to salt the password with.
    public mutating func received(serverFirst: [UInt8]) throws(PostgresLoginFailure) -> Salting {
        guard case .awaitingServerFirst = exchange(&state, with: .failed) else { throw .outOfOrder }
        guard var attributes = SCRAMAttributes(serverFirst), let nonce = attributes.nextNonce(),
            let salt = attributes.next("s"), let count = attributes.next("i"), attributes.isEmpty
        else { throw .scram("the server's first message is malformed") }
        guard nonce.utf8.count > clientNonce.utf8.count, nonce.utf8.starts(with: clientNonce.utf8) else {
            throw .scram("the server's nonce does not continue ours")
        }
        guard let bytes = Base64.decode(salt), !bytes.isEmpty else { throw .scram("the server's salt is not base64") }
        // More would keep us busy; less is soon guessed from what crosses the wire.
        guard let iterations = Int(count), SCRAMVerifier.iterations.contains(iterations) else {
            throw .scram("the server asks for an iteration count outside \(SCRAMVerifier.iterations)")
        }
        state = .awaitingSalted(serverFirst: serverFirst, nonce: nonce)
        return Salting(salt: bytes, iterations: iterations)
    }

    /// The client-final-message, which proves that we know the password.
    public mutating func final(salted: Secret) throws(PostgresLoginFailure) -> [UInt8] {
        guard case .awaitingSalted(let serverFirst, let nonce) = exchange(&state, with: .failed) else {
            throw .outOfOrder
        }
        let withoutProof = "\(flag.attribute),r=\(nonce)"
        let message = Array("\(bare),".utf8) + serverFirst + Array(",\(withoutProof)".utf8)
        let keys = SCRAMKeys<Cryptography>(salted: salted)
        let signature = Cryptography.authenticate(message.span, key: keys.storedKey.span)
        let proof = zip(keys.clientKey.bytes, signature).map { $0 ^ $1 }
        state = .awaitingServerFinal(signature: Cryptography.authenticate(message.span, key: keys.serverKey.bytes.span))
        return Array("\(withoutProof),p=\(Base64.encode(proof.span))".utf8)
    }

    /// The server-final-message: throws unless the server has proven that it knows the password, too.
    public mutating func received(serverFinal: [UInt8]) throws(PostgresLoginFailure) {
        guard case .awaitingServerFinal(let expected) = exchange(&state, with: .failed) else { throw .outOfOrder }
        guard var attributes = SCRAMAttributes(serverFinal) else {
            throw .scram("the server's final message is malformed")
        }
        var error = attributes
        if let error = error.next("e") { throw .scram("the server says \(error.prefix(64))") }
        guard let text = attributes.next("v"), attributes.isEmpty, let signature = Base64.decode(text),
            Cryptography.areEqual(signature.span, expected.span)
        else { throw .scram("the server could not prove that it knows the password") }
        state = .done
    }

    /// Whether the server has proven itself; AuthenticationOk before that is a trick.
    public var isDone: Bool {
        if case .done = state { true } else { false }
    }
}
