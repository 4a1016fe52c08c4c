import Adapters
import Protocols
import Testing
import WireTestKit

@Suite struct JSONWebTokenTests {
    typealias Provider = IdentityProvider

    @Test(arguments: [Provider.rsa, Provider.ec])
    func `a token of a configured issuer says who, in which groups, and until when`(
        _ issuer: TokenIssuerStandIn
    ) throws {
        let token = issuer.token(header: Provider.header(of: issuer), claims: Provider.claims())
        let identity = try Provider.store().jwt(token)
        #expect(
            identity
                == Identity(
                    subject: "alice", groups: ["everybody", "staff", "oncall"], method: "jwt",
                    facts: ["issuer": Provider.address, "token": "token-7"],
                    validUntil: Provider.nanoseconds(Provider.now + 360)))
    }

    @Test(arguments: [
        ("aud", JSON.array(["another", "wiretrail"])), ("exp", .double(1_795_251_900.5)),
        ("nbf", .integer(1_795_251_660)), ("iat", .integer(1_795_251_660)), ("groups", "staff"), ("jti", nil),
        ("typ", "ignored in claims"), ("alg", "none"), ("roles", .object(["a": .array([.null])])),
    ])
    func `what the standard permits is taken`(_ claim: String, _ value: JSON?) throws {
        let token = Provider.rsa.token(header: Provider.header(), claims: Provider.claims([claim: value]))
        #expect(try Provider.store().jwt(token).subject == "alice")
    }

    @Test(
        arguments: [["typ": nil], ["typ": "at+jwt"], ["typ": "jwt"], ["cty": "x"], ["x5t": "x"]] as [[String: JSON?]])
    func `headers that change nothing are taken`(_ changes: [String: JSON?]) throws {
        let token = Provider.rsa.token(header: Provider.header(changes), claims: Provider.claims())
        #expect(try Provider.store().jwt(token).subject == "alice")
    }

    @Test func `a token without kid is taken where there is one key`() throws {
        let issuer = TokenIssuer(
            issuer: Provider.address, audience: Provider.audience, keys: try Provider.keys(Provider.ec.jwk))
        let token = Provider.ec.token(
            header: Provider.header(["kid": nil], of: Provider.ec), claims: Provider.claims())
        let identity = try Store(issuers: [issuer], secret: Secret([1])).jwt(token)
        #expect(identity.subject == "alice")
        #expect(identity.groups == [])
    }

    @Test func `clocks may be a minute apart`() throws {
        let token = Provider.rsa.token(header: Provider.header(), claims: Provider.claims())
        let store = try Provider.store()
        #expect(try store.jwt(token, at: Provider.now + 359).subject == "alice")
        #expect(throws: IdentityRefusal.token(.expired)) { try store.jwt(token, at: Provider.now + 360) }
        #expect(try store.jwt(token, at: Provider.now - 70).subject == "alice")
        #expect(throws: IdentityRefusal.token(.notYetValid)) { try store.jwt(token, at: Provider.now - 71) }
    }

    @Test func `other claims can name user and groups`() throws {
        let issuer = TokenIssuer(
            issuer: Provider.address, audience: Provider.audience, keys: try Provider.keys(Provider.rsa.jwk),
            subjectClaim: "email", groupsClaim: "https://example.com/roles")
        let claims = Provider.claims([
            "email": "alice@example.com", "https://example.com/roles": .array(["dba"]), "sub": nil,
        ])
        let identity = try Store(issuers: [issuer], secret: Secret([1]))
            .jwt(Provider.rsa.token(header: Provider.header(), claims: claims))
        #expect(identity.subject == "alice@example.com" && identity.groups == ["dba"])
    }

    private static let rsa = JSON.object(["kty": "RSA", "n": .string(SignatureExample.modulus), "e": "AQAB"])
    private static let ec = JSON.object([
        "kty": "EC", "crv": "P-256", "x": .string(TokenIssuerStandIn.base64URL(SignatureExample.x)),
        "y": .string(TokenIssuerStandIn.base64URL(SignatureExample.y)),
    ])

    /// RFC 7515, appendix A: the signatures are right, and the claims are not enough.
    @Test(arguments: [
        (SignatureExample.rs256, rsa, TokenFault.claim("aud")), (SignatureExample.es256, ec, .claim("aud")),
        (SignatureExample.rs256, ec, .wrongAlgorithm), (SignatureExample.es256, rsa, .wrongAlgorithm),
    ])
    func `the examples of the standard are signed, and for nobody in particular`(
        _ token: String, _ key: JSON, _ fault: TokenFault
    ) throws {
        let issuer = TokenIssuer(issuer: "joe", audience: Provider.audience, keys: try Provider.keys(key))
        let store = Store(issuers: [issuer], secret: Secret([1]))
        #expect(throws: IdentityRefusal.token(fault)) { try store.jwt(token) }
    }
}
