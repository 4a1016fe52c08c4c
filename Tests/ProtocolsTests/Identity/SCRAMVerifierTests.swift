import Adapters
import Testing

@testable import Protocols

@Suite struct SCRAMVerifierTests {
    private let secret = Secret(Array("a secret of this gateway".utf8))

    @Test func `what PostgreSQL keeps of a password is read and made`() throws {
        let verifier = try #require(SCRAMVerifier(SCRAMExchange.stored))
        #expect(verifier.iterations == 4_096)
        #expect(verifier.stored.bytes == Array(SCRAMExchange.stored.utf8))
        let made = SCRAMVerifier(
            password: Secret(Array(SCRAMExchange.password.utf8)), salt: verifier.salt, by: OpenSSLCryptography.self)
        #expect(made.stored.bytes == Array(SCRAMExchange.stored.utf8))
    }

    @Test(arguments: [
        "", "SCRAM-SHA-256", "md5452679860f540b08699fc43147d62043", "open sesame",
        SCRAMExchange.stored.replacing("SCRAM-SHA-256", with: "SCRAM-SHA-1"),
        SCRAMExchange.stored.replacing("4096", with: "4095"), SCRAMExchange.stored.replacing("4096", with: "-4096"),
        SCRAMExchange.stored.replacing("4096", with: "600001"), SCRAMExchange.stored.replacing("4096", with: ""),
        SCRAMExchange.stored.replacing("9Zwjpza15Dk8cnuiACzqhg==", with: ""),
        SCRAMExchange.stored.replacing("9Zwjpza15Dk8cnuiACzqhg==", with: "c2FsdA=="),
        SCRAMExchange.stored.replacing("3cBd", with: ""), SCRAMExchange.stored.replacing("Q8JB", with: "!!!!"),
        SCRAMExchange.stored + ":", SCRAMExchange.stored + "$", " " + SCRAMExchange.stored,
    ])
    func `anything else is no verifier`(_ text: String) {
        #expect(SCRAMVerifier(text) == nil)
    }

    @Test func `a verifier prints as asterisks`() throws {
        let verifier = try #require(SCRAMVerifier(SCRAMExchange.stored))
        #expect("\(verifier) \(String(reflecting: verifier))" == "******** ********")
        var dumped = ""
        dump(verifier, to: &dumped)
        #expect(!dumped.contains("3cBd"))
    }

    @Test func `an unknown user's salt is the same each time, and nobody else's`() throws {
        func mock(_ user: String, _ secret: Secret) -> SCRAMVerifier {
            SCRAMVerifier.mock(for: Array(user.utf8), secret: secret, like: nil, by: OpenSSLCryptography.self)
        }
        let first = mock("mallory", secret)
        #expect(mock("mallory", secret).stored.bytes == first.stored.bytes)
        #expect(mock("mallor", secret).salt != first.salt)
        #expect(mock("mallory", Secret([1])).salt != first.salt)
        #expect(first.salt.count == 16 && first.iterations == 4_096)
    }

    @Test func `an unknown user looks like a known one`() {
        let known = SCRAMVerifier(
            password: Secret([1]), salt: [UInt8](repeating: 1, count: 48), iterations: 10_000,
            by: OpenSSLCryptography.self)
        let mock = SCRAMVerifier.mock(for: [1], secret: secret, like: known, by: OpenSSLCryptography.self)
        #expect(mock.salt.count == 48 && mock.iterations == 10_000)
    }
}
