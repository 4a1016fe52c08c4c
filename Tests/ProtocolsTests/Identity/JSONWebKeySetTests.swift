import Testing
import WireTestKit

@testable import Protocols

@Suite struct JSONWebKeySetTests {
    private let rsa = IdentityProvider.rsa.jwk
    private let ec = IdentityProvider.ec.jwk

    private func key(_ key: JSON, _ changes: [String: JSON?]) -> JSON {
        guard case .object(var members) = key else { return key }
        for (name, value) in changes { members[name] = value }
        return .object(members)
    }

    private func set(_ text: String) throws(JSONWebKeySet.Fault) -> JSONWebKeySet {
        let bytes = Array(text.utf8)
        return try JSONWebKeySet(bytes.span)
    }

    /// Why a key beside a good one is left alone.
    private func ignored(_ bad: JSON) throws -> [String] {
        let keys = try IdentityProvider.keys(ec, bad)
        #expect(keys.keys.count == 1)
        return keys.ignored
    }

    @Test func `keys of the two kinds are taken`() throws {
        let keys = try IdentityProvider.keys(rsa, ec, key(rsa, ["kid": nil, "alg": nil, "use": nil]))
        #expect(keys.keys.map(\.algorithm) == ["RS256", "ES256", "RS256"])
        #expect(keys.keys.map(\.id) == ["rsa-1", "ec-1", nil])
        #expect(keys.ignored == [])
    }

    @Test(
        arguments: [
            (["kty": "oct", "k": "c2VjcmV0"], "it is neither an RSA nor an EC key"),
            (["kty": "OKP", "crv": "Ed25519"], "it is neither an RSA nor an EC key"),
            (["kty": nil], "it is neither an RSA nor an EC key"),
            (["use": "enc"], "its use is not sig"), (["use": .integer(1)], "its use is not sig"),
            (["alg": "HS256"], "its alg is not RS256"), (["alg": "none"], "its alg is not RS256"),
            (["alg": "PS256"], "its alg is not RS256"), (["alg": .null], "its alg is not RS256"),
            (["key_ops": .array(["encrypt"])], "its key_ops do not include verify"),
            (["key_ops": "verify"], "its key_ops do not include verify"),
            (["kid": .integer(1)], "its kid is no text"),
            (["n": nil], "its member n is missing or wrong"), (["n": "a+b="], "its member n is missing or wrong"),
            (["e": "AQ"], "its exponent is even, below 65537 or above 32 bits"),
            (["e": "Aw"], "its exponent is even, below 65537 or above 32 bits"),
            (["e": "AQAA"], "its exponent is even, below 65537 or above 32 bits"),
            (["e": "AQAAAAE"], "its exponent is even, below 65537 or above 32 bits"),
            (["e": ""], "its exponent is even, below 65537 or above 32 bits"),
            (["n": ""], "its modulus has not 2048 to 8192 bits"),
        ] as [([String: JSON?], String)])
    func `an RSA key that is weak, wrong or for something else is left alone`(
        _ changes: [String: JSON?], _ reason: String
    ) throws {
        #expect(try ignored(key(rsa, changes)) == ["key 1: \(reason)"])
    }

    @Test(arguments: [128, 255, 1_025])
    func `a modulus is neither short nor endless`(_ count: Int) throws {
        let modulus = TokenIssuerStandIn.base64URL([UInt8](repeating: 0xff, count: count))
        #expect(try ignored(key(rsa, ["n": .string(modulus)])) == ["key 1: its modulus has not 2048 to 8192 bits"])
        let padded = TokenIssuerStandIn.base64URL([UInt8](repeating: 0, count: 300) + [UInt8](repeating: 1, count: 128))
        #expect(try ignored(key(rsa, ["n": .string(padded)])) == ["key 1: its modulus has not 2048 to 8192 bits"])
    }

    @Test(
        arguments: [
            (["crv": "P-384"], "its curve is not P-256"), (["crv": nil], "its curve is not P-256"),
            (["x": "AA"], "its coordinates have not 32 bytes each"), (["y": nil], "its member y is missing or wrong"),
            (["alg": "ES384"], "its alg is not ES256"),
        ] as [([String: JSON?], String)])
    func `an EC key of another curve is left alone`(_ changes: [String: JSON?], _ reason: String) throws {
        let keys = try IdentityProvider.keys(rsa, key(ec, changes))
        #expect(keys.ignored == ["key 1: \(reason)"])
    }

    @Test func `two keys of one name and kind would be ambiguous`() throws {
        let other = IdentityProvider.stranger.jwk
        #expect(try IdentityProvider.keys(rsa, other).ignored == ["key 1: another key has its kid"])
        #expect(try IdentityProvider.keys(rsa, key(ec, ["kid": "rsa-1"])).ignored == [])
    }

    @Test func `a set with a private key is refused, and the key not quoted`() throws {
        #expect(throws: JSONWebKeySet.Fault.self) { try IdentityProvider.keys(ec, key(rsa, ["d": "marker"])) }
        do throws(JSONWebKeySet.Fault) {
            _ = try set(JSON.object(["keys": .array([key(rsa, ["d": "marker"])])]).text)
        } catch {
            #expect("\(error)" == "key 0 of the set is a private one")
        }
    }

    @Test(arguments: [
        ("", "the key set is not valid JSON at byte 0: the text ends too early"),
        ("[]", "the key set has no array “keys”"), ("{}", "the key set has no array “keys”"),
        (#"{"keys":{}}"#, "the key set has no array “keys”"),
        (#"{"keys":[]}"#, "the key set has no key that can be used"),
        (#"{"keys":[1]}"#, "the key set has no key that can be used: key 0: it is no object"),
        (#"{"keys":[],"keys":[]}"#, "the key set is not valid JSON at byte 11: a key occurs twice"),
        ("<html>", "the key set is not valid JSON at byte 0: a digit is missing"),
    ])
    func `what is no set of keys is told so`(_ text: String, _ reason: String) {
        do throws(JSONWebKeySet.Fault) {
            _ = try set(text)
            Issue.record("it is one")
        } catch {
            #expect("\(error)" == reason)
        }
    }

    @Test func `a set is bounded in bytes and keys`() {
        #expect(throws: JSONWebKeySet.Fault(description: "the key set is longer than 1 MiB")) {
            try set(String(repeating: " ", count: JSONWebKeySet.byteCountMaximum + 1))
        }
        #expect(throws: JSONWebKeySet.Fault(description: "the key set has more than 64 keys")) {
            try set(JSON.object(["keys": .array([JSON](repeating: ec, count: 65))]).text)
        }
    }
}
