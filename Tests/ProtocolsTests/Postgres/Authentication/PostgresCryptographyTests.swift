import Adapters
import Protocols
import Testing

/// The primitives under a Postgres login, against the examples of their own documents.
@Suite struct PostgresCryptographyTests {
    private func md5(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return Hex.encode(OpenSSLCryptography.md5(bytes.span))
    }

    private func sha256(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return Hex.encode(OpenSSLCryptography.sha256(bytes.span))
    }

    private func hmac(_ text: String, key: String) -> String {
        let (bytes, key) = (Array(text.utf8), Array(key.utf8))
        return Hex.encode(OpenSSLCryptography.authenticate(bytes.span, key: key.span))
    }

    private func pbkdf2(_ password: String, salt: String, iterations: Int) -> String {
        let (password, salt) = (Array(password.utf8), Array(salt.utf8))
        return Hex.encode(OpenSSLCryptography.derive(password: password.span, salt: salt.span, iterations: iterations))
    }

    /// RFC 1321 §A.5 and RFC 6234 §8.5.
    @Test func `the hashes`() {
        #expect(md5("") == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(md5("abc") == "900150983cd24fb0d6963f7d28e17f72")
        #expect(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    /// RFC 4231 §4.3; the second is what Python's hmac says.
    @Test func `HMAC-SHA-256`() {
        #expect(
            hmac("what do ya want for nothing?", key: "Jefe")
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(hmac("", key: "") == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    /// RFC 7914 §11, the first block.
    @Test func `PBKDF2 with HMAC-SHA-256`() {
        #expect(
            pbkdf2("passwd", salt: "salt", iterations: 1)
                == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
    }

    /// RFC 7677 §3: the exchange of user "user" with password "pencil".
    @Test func `SCRAM-SHA-256's own example comes out`() throws {
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
        let messages = [
            "n=user,r=rOprNGfwEbeRWgbNEkqO", "r=\(nonce),s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "c=biws,r=\(nonce)",
        ]
        let exchanged = Array(messages.joined(separator: ",").utf8)
        let password = Array("pencil".utf8)
        let salt = try #require(Base64.decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
        let salted = OpenSSLCryptography.derive(password: password.span, salt: salt.span, iterations: 4096)
        func mac(_ text: String, _ key: [UInt8]) -> [UInt8] {
            let text = Array(text.utf8)
            return OpenSSLCryptography.authenticate(text.span, key: key.span)
        }
        let clientKey = mac("Client Key", salted)
        let storedKey = OpenSSLCryptography.sha256(clientKey.span)
        let signature = OpenSSLCryptography.authenticate(exchanged.span, key: storedKey.span)
        let proof = zip(clientKey, signature).map { $0 ^ $1 }
        #expect(Base64.encode(proof.span) == "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
        let serverKey = mac("Server Key", salted)
        let serverSignature = OpenSSLCryptography.authenticate(exchanged.span, key: serverKey.span)
        #expect(Base64.encode(serverSignature.span) == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    }

    @Test func `equal means equal in every byte and in length`() {
        func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { OpenSSLCryptography.areEqual(left.span, right.span) }
        #expect(areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!areEqual([1, 2, 3], [1, 2]))
        #expect(areEqual([], []))
    }
}
