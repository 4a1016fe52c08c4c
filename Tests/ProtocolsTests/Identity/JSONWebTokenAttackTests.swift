import Adapters
import Protocols
import Testing
import WireTestKit

/// Tokens that are to let nobody in.
@Suite struct JSONWebTokenAttackTests {
    typealias Provider = IdentityProvider

    private func fault(of token: String) throws -> TokenFault? {
        let store = try Provider.store()
        do throws(IdentityRefusal) {
            let identity = try store.jwt(token)
            Issue.record("\(identity.subject) was let in")
            return nil
        } catch {
            guard case .token(let fault) = error else {
                Issue.record("\(error)")
                return nil
            }
            return fault
        }
    }

    private func fault(
        header: [String: JSON?] = [:], claims: [String: JSON?] = [:], signedBy issuer: TokenIssuerStandIn = Provider.rsa
    ) throws -> TokenFault? {
        try fault(of: issuer.token(header: Provider.header(header), claims: Provider.claims(claims)))
    }

    private func parts(_ token: String) -> [String] { token.split(separator: ".").map(String.init) }

    private let genuine = Provider.rsa.token(header: Provider.header(), claims: Provider.claims())

    // MARK: The algorithm

    @Test(arguments: [
        "none", "None", "NONE", "nOnE", "", "HS256", "HS512", "RS512", "PS256", "ES384", "EdDSA", "rs256", "ES256",
    ])
    func `the token does not choose the algorithm`(_ name: String) throws {
        #expect(try fault(header: ["alg": .string(name)]) == .wrongAlgorithm)
    }

    @Test(arguments: [nil, .null, .integer(1), .array(["RS256"]), .bool(true)] as [JSON?])
    func `an algorithm that is no text is malformed`(_ value: JSON?) throws {
        #expect(try fault(header: ["alg": value]) == .malformed("its header names no algorithm"))
    }

    /// The public key is no secret, so anybody can make this one.
    @Test func `an HMAC with the public key for its secret is not looked at`() throws {
        let header = Provider.header(["alg": "HS256"])
        let signed =
            TokenIssuerStandIn.base64URL(Array(header.utf8)) + "."
            + TokenIssuerStandIn.base64URL(Array(Provider.claims().utf8))
        let message = Array(signed.utf8)
        for secret in Provider.rsa.numbers + [Array(Provider.rsa.jwk.text.utf8), []] {
            let mac = OpenSSLCryptography.authenticate(message.span, key: secret.span)
            #expect(try fault(of: "\(signed).\(TokenIssuerStandIn.base64URL(mac))") == .wrongAlgorithm)
        }
    }

    @Test func `an unsigned token is malformed`() throws {
        let (header, claims) = (parts(genuine)[0], parts(genuine)[1])
        #expect(try fault(of: "\(header).\(claims).") == .malformed("its signature is not base64url"))
        let none = TokenIssuerStandIn.base64URL(Array(#"{"alg":"none"}"#.utf8))
        #expect(try fault(of: "\(none).\(claims).") == .malformed("its signature is not base64url"))
        #expect(try fault(of: "\(none).\(claims)") == .malformed("it has not three parts"))
    }

    // MARK: The key

    @Test func `a key of the same name that is somebody else's does not fit`() throws {
        #expect(try fault(signedBy: Provider.stranger) == .wrongSignature)
    }

    @Test func `one issuer's key does not sign for another`() throws {
        #expect(try fault(claims: ["iss": "https://other.example"]) == .wrongSignature)
        let token = Provider.stranger.token(
            header: Provider.header(), claims: Provider.claims(["iss": "https://other.example"]))
        #expect(try Provider.store().jwt(token).groups == ["guests"])
    }

    @Test(arguments: ["rsa-2", "RSA-1", "rsa-1 ", "", "../../rsa-1", "rsa-1' OR '1'='1", "https://evil.example/key"])
    func `a key that is not the issuer's is unknown`(_ id: String) throws {
        #expect(try fault(header: ["kid": .string(id)]) == .unknownKey)
    }

    @Test func `of several keys the token has to name one`() throws {
        #expect(try fault(header: ["kid": nil]) == .unknownKey)
        #expect(try fault(header: ["kid": .integer(1)]) == .malformed("its kid is no text"))
    }

    @Test func `keys and addresses of keys in the token are not looked at`() throws {
        let stranger = Provider.stranger
        for header in [
            ["jwk": stranger.jwk], ["jku": "https://evil.example/jwks.json"], ["x5u": "file:///etc/passwd"],
            ["x5c": .array(["MIIB"])],
        ] as [[String: JSON?]] {
            #expect(try fault(header: header, signedBy: stranger) == .wrongSignature)
        }
    }

    // MARK: The signature

    @Test func `claims that were changed after signing do not fit`() throws {
        let forged = TokenIssuerStandIn.base64URL(Array(Provider.claims(["sub": "root"]).utf8))
        let parts = parts(genuine)
        #expect(try fault(of: "\(parts[0]).\(forged).\(parts[2])") == .wrongSignature)
    }

    @Test func `a header that was changed after signing does not fit`() throws {
        let header = TokenIssuerStandIn.base64URL(Array(Provider.header(["typ": nil]).utf8))
        let parts = parts(genuine)
        #expect(try fault(of: "\(header).\(parts[1]).\(parts[2])") == .wrongSignature)
    }

    @Test func `the signature of another token does not fit`() throws {
        let other = Provider.rsa.token(header: Provider.header(), claims: Provider.claims(["sub": "bob"]))
        let parts = parts(genuine)
        #expect(try fault(of: "\(parts[0]).\(parts[1]).\(self.parts(other)[2])") == .wrongSignature)
    }

    @Test func `an ECDSA signature in DER, of zeros, or cut short is none`() throws {
        let issuer = Provider.ec
        let token = issuer.token(header: Provider.header(of: issuer), claims: Provider.claims())
        let parts = parts(token)
        let raw = SignatureExample.decoded(parts[2])
        let der = [0x30, 68, 2, 32] + raw[..<32] + [2, 32] + raw[32...]
        for signature in [der, [UInt8](repeating: 0, count: 64), Array(raw.dropLast()), raw + [0]] {
            let forged = "\(parts[0]).\(parts[1]).\(TokenIssuerStandIn.base64URL(signature))"
            #expect(try fault(of: forged) == .wrongSignature)
        }
    }

    // MARK: The claims

    @Test(
        arguments: [
            nil, "https://login.example/", "https://LOGIN.example", "login.example", "", "https://evil.example",
        ] as [String?])
    func `an issuer that is not configured is unknown`(_ issuer: String?) throws {
        #expect(try fault(claims: ["iss": issuer.map { .string($0) }]) == .unknownIssuer)
    }

    @Test(arguments: [.integer(1), .null, .array([.string(Provider.address)])] as [JSON])
    func `an issuer that is no text is unknown`(_ issuer: JSON) throws {
        #expect(try fault(claims: ["iss": issuer]) == .unknownIssuer)
    }

    @Test(arguments: ["another", "", "wiretrail2", "Wiretrail", "wiretrail ", "wire*"])
    func `a token for another audience is not for us`(_ audience: String) throws {
        #expect(try fault(claims: ["aud": .string(audience)]) == .wrongAudience)
        #expect(try fault(claims: ["aud": .array([.string(audience), "x"])]) == .wrongAudience)
        #expect(try fault(claims: ["aud": .array([])]) == .wrongAudience)
    }

    @Test(
        arguments: [nil, .null, .integer(1), .array(["wiretrail", .integer(1)]), .object(["wiretrail": .bool(true)])]
            as [JSON?])
    func `without an audience a token is for nobody`(_ audience: JSON?) throws {
        #expect(try fault(claims: ["aud": audience]) == .claim("aud"))
    }

    @Test(arguments: [0, 1, Provider.now - 61, Provider.now - 60])
    func `an expired token is refused`(_ end: Int64) throws {
        #expect(try fault(claims: ["exp": .integer(end)]) == .expired)
    }

    @Test(arguments: [nil, .null, "1795251900", .integer(-1), .bool(true), .double(-1), .array([])] as [JSON?])
    func `a token without a proper end is refused`(_ end: JSON?) throws {
        #expect(try fault(claims: ["exp": end]) == .claim("exp"))
    }

    @Test func `an end beyond all calendars does not overflow`() throws {
        for end in [JSON.integer(.max), .double(1e300), .integer(253_402_300_799)] {
            let token = Provider.rsa.token(header: Provider.header(), claims: Provider.claims(["exp": end]))
            #expect(try #require(Provider.store().jwt(token).validUntil) > 0)
        }
    }

    @Test func `a token of the future is refused`() throws {
        #expect(try fault(claims: ["nbf": .integer(Provider.now + 61)]) == .notYetValid)
        #expect(try fault(claims: ["iat": .integer(Provider.now + 61)]) == .notYetValid)
        #expect(try fault(claims: ["nbf": "now"]) == .claim("nbf"))
        #expect(try fault(claims: ["iat": .bool(false)]) == .claim("iat"))
    }

    @Test(
        arguments: [
            nil, .null, "", .integer(0), .bool(true), .array(["alice"]), "alice\0", "alice\n", "\u{7f}",
            .string(String(repeating: "a", count: 257)),
        ] as [JSON?])
    func `a user without a proper name is nobody`(_ subject: JSON?) throws {
        #expect(try fault(claims: ["sub": subject]) == .claim("sub"))
    }

    @Test(
        arguments: [
            .integer(1), .object([:]), .array([.integer(1)]), .array(["staff", ""]), .array(["a\u{1b}[2J"]), "",
            .bool(true),
            .array([JSON](repeating: "g", count: 257)),
        ] as [JSON])
    func `groups that are no names are not guessed at`(_ groups: JSON) throws {
        #expect(try fault(claims: ["groups": groups]) == .claim("groups"))
    }

    // MARK: Other purposes

    @Test(arguments: ["logout+jwt", "secevent+jwt", "dpop+jwt", "JWE", "", "oauth-authz-req+jwt"])
    func `a token for another purpose is not one`(_ type: String) throws {
        #expect(try fault(header: ["typ": .string(type)]) == .unsupported("typ"))
    }

    @Test(arguments: [.array(["exp"]), .array([]), .null, .array(["b64"])] as [JSON])
    func `demands that we may not know are refused`(_ critical: JSON) throws {
        #expect(try fault(header: ["crit": critical, "b64": .bool(false)]) == .unsupported("crit"))
    }

    @Test func `a token that is bound to a key is no bearer's`() throws {
        #expect(try fault(claims: ["cnf": .object(["jkt": "x"])]) == .unsupported("cnf"))
    }

    // MARK: The form

    @Test(arguments: [
        ".", "..", "a.b.c", "....", "a.b.c.d.e", "eyJ.eyJ.x", "{}.{}.{}", "e30.e30.e30", "e30=.e30=.e30=",
        " e30.e30.e30",
        "W10.e30.AA", "bnVsbA.e30.AA", "e30.e30.AA\n", "\u{feff}e30.e30.AA",
    ])
    func `what is no token is malformed`(_ token: String) throws {
        guard case .malformed = try fault(of: token) else {
            Issue.record("not malformed")
            return
        }
    }

    @Test(arguments: [
        #"{"alg":"none","alg":"RS256","kid":"rsa-1"}"#, #"{"alg":"RS256","kid":"rsa-1","kid":"ec-1"}"#,
        #"{"alg":"RS256","\u0061lg":"none","kid":"rsa-1"}"#, #"{"alg":"RS256","kid":"rsa-1"} {}"#,
        #"[{"alg":"RS256"}]"#,
    ])
    func `a header that can be read in two ways is malformed`(_ header: String) throws {
        let token = Provider.rsa.token(header: header, claims: Provider.claims())
        #expect(try fault(of: token) == .malformed("its header is no JSON object"))
    }

    @Test func `claims that can be read in two ways are malformed`() throws {
        let claims = Provider.claims().replacing(#""sub":"alice""#, with: #""sub":"alice","sub":"root""#)
        let token = Provider.rsa.token(header: Provider.header(), claims: claims)
        #expect(try fault(of: token) == .malformed("its payload is no JSON object"))
    }

    @Test func `depth is bounded`() throws {
        let deep = String(repeating: "[", count: 5_000)
        let token = Provider.rsa.token(header: Provider.header(), claims: #"{"a":"# + deep)
        #expect(try fault(of: token) == .malformed("its payload is no JSON object"))
    }

    @Test func `any change of one character spoils a token`() throws {
        let bytes = Array(genuine.utf8)
        let store = try Provider.store()
        for index in stride(from: 0, to: bytes.count, by: 3) {
            var wrong = bytes
            wrong[index] = wrong[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: IdentityRefusal.self) { try store.jwt(String(decoding: wrong, as: UTF8.self)) }
        }
    }

    @Test func `no refusal quotes the token`() throws {
        let faults: [TokenFault?] = [
            try fault(header: ["kid": "marker"]), try fault(claims: ["iss": "marker"]),
            try fault(claims: ["aud": "marker"]), try fault(claims: ["sub": "marker\n"]),
            try fault(of: "marker.marker.x"),
            try fault(header: ["typ": "marker"]), try fault(header: ["alg": "marker"]),
        ]
        #expect(faults.allSatisfy { !"\($0.map { "\(IdentityRefusal.token($0))" } ?? "")".contains("marker") })
    }
}
