/// The server's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677) as Postgres speaks them (manual
/// §55.3). A value: verifier and nonce come from outside.
///
/// The user name in the exchange is ignored, as PostgreSQL does: the startup packet has it.
public struct SCRAMServer<Cryptography: PostgresCryptography>: Sendable {
    private enum State: Sendable {
        case awaitingClientFirst
        case awaitingClientFinal(flag: SCRAMBindingFlag, nonce: String, exchanged: String)
        case failed
    }

    private let verifier: SCRAMVerifier
    private let binding: SCRAMChannelBinding
    private let serverNonce: String
    private var state = State.awaitingClientFirst

    /// - Parameter nonce: at least 18 random bytes.
    public init(_ verifier: SCRAMVerifier, binding: SCRAMChannelBinding, nonce: [UInt8]) {
        self.init(verifier, binding: binding, serverNonce: Base64.encode(nonce.span))
    }

    /// - Parameter serverNonce: random, printable, without commas.
    init(_ verifier: SCRAMVerifier, binding: SCRAMChannelBinding, serverNonce: String) {
        self.verifier = verifier
        self.binding = binding
        self.serverNonce = serverNonce
    }

    /// What to offer, the best first. Empty where channel binding is required and there is nothing to bind to.
    public var mechanisms: [SCRAMMechanism] {
        switch (binding.endPoint != nil, binding.isRequired) {
        case (true, true): [.plus]
        case (true, false): [.plus, .plain]
        case (false, true): []
        case (false, false): [.plain]
        }
    }

    /// The client-first-message; the answer is the server-first-message.
    public mutating func received(
        clientFirst: [UInt8], mechanism: [UInt8]
    ) throws(SCRAMFault) -> [UInt8] {
        guard case .awaitingClientFirst = exchange(&state, with: .failed) else { throw .outOfOrder }
        guard let mechanism = mechanisms.first(where: { $0.rawValue.utf8.elementsEqual(mechanism) }) else {
            throw .unknownMechanism
        }
        guard clientFirst.count <= SCRAMAttributes.byteCountMaximum else { throw .malformed("it is too long") }
        let (flag, bare) = try header(clientFirst, mechanism)
        guard let text = String(validating: bare, as: UTF8.self), var attributes = SCRAMAttributes(bare) else {
            throw .malformed("it is no text")
        }
        guard attributes.next("n") != nil, let clientNonce = attributes.nextNonce() else {
            throw .malformed("user name or nonce is missing")
        }
        let nonce = clientNonce + serverNonce
        let answer = "r=\(nonce),s=\(Base64.encode(verifier.salt.span)),i=\(verifier.iterations)"
        state = .awaitingClientFinal(flag: flag, nonce: nonce, exchanged: "\(text),\(answer)")
        return Array(answer.utf8)
    }

    /// The client-final-message; the answer is the server-final-message. Throws unless the client knows the password.
    public mutating func received(clientFinal: [UInt8]) throws(SCRAMFault) -> [UInt8] {
        guard case .awaitingClientFinal(let flag, let nonce, let exchanged) = exchange(&state, with: .failed) else {
            throw .outOfOrder
        }
        guard var attributes = SCRAMAttributes(clientFinal), let proof = attributes.last("p"),
            let proof = Base64.decode(proof), proof.count == SCRAMVerifier.keyByteCount,
            let end = clientFinal.lastIndex(of: UInt8(ascii: ",")),
            let withoutProof = String(validating: clientFinal[..<end], as: UTF8.self)
        else { throw .malformed("the proof is missing") }
        guard let bound = attributes.next("c") else { throw .malformed("the channel binding is missing") }
        guard "c=\(bound)".utf8.elementsEqual(flag.attribute.utf8) else { throw .otherChannel }
        guard let answered = attributes.nextNonce(), answered.utf8.elementsEqual(nonce.utf8) else {
            throw .malformed("the nonce is not ours")
        }
        let message = Array("\(exchanged),\(withoutProof)".utf8)
        let signature = Cryptography.authenticate(message.span, key: verifier.storedKey.bytes.span)
        let clientKey = zip(proof, signature).map { $0 ^ $1 }
        let storedKey = Cryptography.sha256(clientKey.span)
        guard Cryptography.areEqual(storedKey.span, verifier.storedKey.bytes.span) else { throw .wrongProof }
        let own = Cryptography.authenticate(message.span, key: verifier.serverKey.bytes.span)
        return Array("v=\(Base64.encode(own.span))".utf8)
    }

    /// Takes the GS2 header off the client's first message.
    private func header(
        _ message: [UInt8], _ mechanism: SCRAMMechanism
    ) throws(SCRAMFault) -> (SCRAMBindingFlag, bare: ArraySlice<UInt8>) {
        let comma = UInt8(ascii: ",")
        let parts = message.split(separator: comma, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("its header is missing") }
        guard parts[1].isEmpty else { throw .malformed("it wants to act for somebody else") }
        let flag: SCRAMBindingFlag
        switch String(validating: parts[0], as: UTF8.self) {
        case "n": flag = .unsupported
        case "y": flag = .notOffered
        case "p=tls-server-end-point": flag = .endPoint(binding.endPoint ?? [])
        default: throw .malformed("its channel binding is unknown")
        }
        guard flag.mechanism == mechanism else {
            throw .malformed("mechanism and channel binding contradict each other")
        }
        // Somebody between us has taken "-PLUS" off the list (RFC 5802 §6).
        guard flag != .notOffered || binding.endPoint == nil else { throw .downgraded }
        return (flag, parts[2])
    }
}
