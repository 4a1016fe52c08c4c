import Adapters
import Protocols

/// What must hold whatever a stranger sends to prove who it is: nobody gets in, and nothing traps. The fuzzer, the replay of
/// its finds and the random test share it.
public enum LoginProperties {
    private typealias Store = IdentityStore<OpenSSLCryptography>

    private static let issuer = TokenIssuerStandIn(.es256, keyID: "k")
    private static let address = "https://login.example"
    private static let nonce = [UInt8](0..<18)
    private static let verifier = SCRAMVerifier(
        password: Secret([1, 2, 3]), salt: [UInt8](0..<16), by: OpenSSLCryptography.self)

    /// Made anew each time: LeakSanitizer takes a key that lives to the end for a leak, because it does not see through the
    /// tagged pointers of enumerations.
    private static var store: Store? {
        let document = JSON.object(["keys": .array([issuer.jwk])]).encoded()
        guard let keys = try? JSONWebKeySet(document.span) else { return nil }
        let trusted = TokenIssuer(issuer: address, audience: "wiretrail", keys: keys)
        return Store(issuers: [trusted], secret: Secret([1]))
    }

    /// A sentence on what does not hold, or `nil`.
    ///
    /// The input: a byte that chooses what is attacked, and what is sent.
    public static func violation(_ input: [UInt8]) -> String? {
        guard let choice = input.first else { return nil }
        let rest = Array(input.dropFirst())
        return switch choice % 6 {
        case 0: login(rest, bound: choice & 0x40 != 0, byToken: choice & 0x80 != 0)
        case 1: scramServer(rest, bound: choice & 0x80 != 0)
        case 2: scramClient(rest, bound: choice & 0x80 != 0)
        case 3: token(rest)
        case 4: keys(rest)
        default: pattern(rest)
        }
    }

    /// Whole messages of the protocol, to the login of an address that knows one user.
    private static func login(_ bytes: [UInt8], bound: Bool, byToken: Bool) -> String? {
        let binding = SCRAMChannelBinding(endPoint: bound ? [7] : nil)
        let user = Array("alice".utf8)
        var login = PostgresServerLogin<OpenSSLCryptography>(
            user: user,
            demand: byToken
                ? .token : .scram(verifier, binding, identity: Identity(subject: "alice", method: "scram-sha-256")),
            nonce: nonce)
        var decoder = PostgresDecoder(limits: WireLimits())
        let startup = PostgresEncoding.startup(parameters: [(name: "user", value: user)])
        _ = try? decoder.step(startup.span, .clientToServer)
        var action = login.begin()
        var rest = bytes
        for _ in 0..<8 {
            switch action {
            case .send(let words): _ = try? decoder.step(words.span, .serverToClient)
            case .verify: action = login.verified(.failure(.unknownToken))
            case .authenticated: return "somebody was let in"
            case .refused: break
            }
            guard case .message(let message, let length)? = try? decoder.step(rest.span, .clientToServer) else { break }
            action = login.received(message, rest.span.extracting(0..<length))
            rest.removeFirst(length)
        }
        if case .authenticated = action { return "somebody was let in" }
        return nil
    }

    private static func scramServer(_ bytes: [UInt8], bound: Bool) -> String? {
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        let binding = SCRAMChannelBinding(endPoint: bound ? [7] : nil)
        for mechanism in [SCRAMMechanism.plain, .plus] {
            var server = SCRAMServer<OpenSSLCryptography>(verifier, binding: binding, nonce: nonce)
            let name = Array(mechanism.rawValue.utf8)
            guard (try? server.received(clientFirst: parts[0], mechanism: name)) != nil else { continue }
            if (try? server.received(clientFinal: parts.last ?? [])) != nil { return "a proof was guessed" }
        }
        return nil
    }

    private static func scramClient(_ bytes: [UInt8], bound: Bool) -> String? {
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        var client = SCRAMClient<OpenSSLCryptography>(
            nonce: nonce, binding: SCRAMChannelBinding(endPoint: bound ? [7] : nil), offered: bound)
        guard let salting = try? client.received(serverFirst: parts[0]) else { return nil }
        guard SCRAMVerifier.iterations.contains(salting.iterations), !salting.salt.isEmpty else {
            return "a salt that is none"
        }
        _ = try? client.final(salted: Secret([1]))
        try? client.received(serverFinal: parts.last ?? [])
        return client.isDone ? "a server was believed" : nil
    }

    /// What is sent, and what is sent with a signature that is right, if it is claims.
    private static func token(_ bytes: [UInt8]) -> String? {
        guard let store else { return "there are no keys" }
        func presented(_ token: [UInt8]) -> Identity? {
            try? store.identity(presenting: Secret(token), accepting: [.jwt, .staticToken], at: 1_000_000_000)
        }
        if presented(bytes) != nil { return "an invented token was believed" }
        let signed = issuer.token(
            header: #"{"alg":"ES256","kid":"k"}"#, claims: String(decoding: bytes, as: UTF8.self))
        guard let identity = presented(Array(signed.utf8)) else { return nil }
        guard !identity.subject.isEmpty, let end = identity.validUntil, end > 1_000_000_000 else {
            return "a token without name or end was believed"
        }
        return nil
    }

    private static func keys(_ bytes: [UInt8]) -> String? {
        guard let set = try? JSONWebKeySet(bytes.span) else { return nil }
        guard !set.keys.isEmpty, set.keys.allSatisfy({ ["RS256", "ES256"].contains($0.algorithm) }) else {
            return "a set without keys"
        }
        var issuer = TokenIssuer(issuer: address, audience: "wiretrail", keys: set)
        issuer.groupsClaim = "groups"
        let store = Store(issuers: [issuer], secret: Secret([1]))
        for key in set.keys {
            let header = JSON.object(["alg": .string(key.algorithm), "kid": key.id.map { .string($0) } ?? "k"])
            let token = Self.issuer.token(header: header.text, claims: #"{"iss":"\#(address)"}"#)
            let identity = try? store.identity(
                presenting: Secret(Array(token.utf8)), accepting: [.jwt], at: 1_000_000_000)
            if identity != nil { return "a token without claims was believed" }
        }
        return nil
    }

    /// Pattern, zero byte, name.
    private static func pattern(_ bytes: [UInt8]) -> String? {
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let text = String(validating: parts[0], as: UTF8.self),
            let name = String(validating: parts[1], as: UTF8.self)
        else { return nil }
        for field in ClientCertificate.Field.allCases {
            guard let user = NamePattern(text, for: field)?.user(in: name) else { continue }
            let forbidden = Set((field == .dns ? "." : "").utf8).union(",+=/@:;?#\"\\*".utf8)
            guard !user.isEmpty, user.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f && !forbidden.contains($0) }) else {
                return "“\(user)” is no user's name"
            }
            if !text.utf8.contains(UInt8(ascii: "*")),
                !text.replacing("{user}", with: user).utf8.elementsEqual(name.utf8)
            {
                return "“\(text)” with “\(user)” is not “\(name)”"
            }
        }
        return nil
    }
}
