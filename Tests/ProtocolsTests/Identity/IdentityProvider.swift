import Adapters
import Protocols
import WireTestKit

typealias Store = IdentityStore<OpenSSLCryptography>

/// An issuer that signs whatever a test wants, and a gateway that trusts it.
enum IdentityProvider {
    static let rsa = TokenIssuerStandIn(.rs256, keyID: "rsa-1")
    static let ec = TokenIssuerStandIn(.es256, keyID: "ec-1")
    /// Has the same names for its keys, and other keys.
    static let stranger = TokenIssuerStandIn(.rs256, keyID: "rsa-1")
    static let address = "https://login.example"
    static let audience = "wiretrail"

    /// 2026-11-21T09:00:00Z, in seconds.
    static let now: Int64 = 1_795_251_600

    static func nanoseconds(_ seconds: Int64) -> Int64 { seconds * 1_000_000_000 }

    static func keys(_ keys: JSON...) throws -> JSONWebKeySet {
        let text = JSON.object(["keys": .array(keys)]).encoded()
        return try JSONWebKeySet(text.span)
    }

    static func store(groupsClaim: String? = "groups") throws -> Store {
        let issuer = TokenIssuer(
            issuer: address, audience: audience, keys: try keys(rsa.jwk, ec.jwk), groupsClaim: groupsClaim,
            groups: ["everybody"])
        let other = TokenIssuer(
            issuer: "https://other.example", audience: audience, keys: try keys(stranger.jwk), groups: ["guests"])
        return Store(issuers: [issuer, other], secret: Secret([1]))
    }

    static func header(_ changes: [String: JSON?] = [:], of issuer: TokenIssuerStandIn = rsa) -> String {
        text(["alg": .string(issuer.algorithm.rawValue), "kid": .string(issuer.keyID), "typ": "JWT"], changes)
    }

    static func claims(_ changes: [String: JSON?] = [:]) -> String {
        let claims: [String: JSON] = [
            "iss": .string(address), "aud": .string(audience), "sub": "alice", "exp": .integer(now + 300),
            "iat": .integer(now - 10), "groups": .array(["staff", "oncall"]), "jti": "token-7",
        ]
        return text(claims, changes)
    }

    /// `nil` takes a member away.
    private static func text(_ members: [String: JSON], _ changes: [String: JSON?]) -> String {
        var members = members
        for (name, value) in changes { members[name] = value }
        return JSON.object(members).text
    }
}

extension Store {
    func jwt(_ token: String, at now: Int64 = IdentityProvider.now) throws(IdentityRefusal) -> Identity {
        try identity(
            presenting: Secret(Array(token.utf8)), accepting: [.jwt, .staticToken],
            at: IdentityProvider.nanoseconds(now))
    }
}
