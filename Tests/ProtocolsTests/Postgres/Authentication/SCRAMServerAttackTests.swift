import Adapters
import Testing

@testable import Protocols

/// Everything that can be wrong with a client's SCRAM messages.
@Suite struct SCRAMServerAttackTests {
    typealias Exchange = SCRAMExchange

    private let bound = SCRAMChannelBinding(endPoint: Exchange.endPoint)

    /// A server that has answered the recorded first message.
    private func answered() throws -> SCRAMServerUnderTest {
        var server = try Exchange.server()
        _ = try server.first(Exchange.clientFirst)
        return server
    }

    @Test(arguments: [
        // Header: none, half of one, an unknown flag, another type of binding, another name to act for (RFC 5802 §7).
        "", "n", "n,", "n,,", "n,,n=", "x,,n=,r=abc", "N,,n=,r=abc", "p=,,n=,r=abc", "p=tls-unique,,n=,r=abc",
        "p=tls-server-end-point ,,n=,r=abc", "n,a=root,n=,r=abc", "n,a=,n=,r=abc",
        // Attributes: missing, swapped, mandatory and unknown ("m"), with an empty or unprintable nonce.
        "n,,r=abc", "n,,n=", "n,,r=abc,n=", "n,,m=x,n=,r=abc", "n,,n=,m=x,r=abc", "n,,n=,r=", "n,,n=,r=a b",
        "n,,n=,r=ä",
        "n,,n=,r=\u{7f}", "n,,n=,r=a\0b", "n,,n=,r\u{301}=abc", "n,,n,r=abc",
        "n,,n=,r=" + String(repeating: "a", count: 4_096),
    ])
    func `a first message that is malformed ends the exchange`(_ message: String) throws {
        var server = try Exchange.server()
        #expect { try server.first(message) } throws: { fault in
            if case SCRAMFault.malformed = fault { true } else { false }
        }
        #expect(throws: SCRAMFault.outOfOrder) { try server.first(Exchange.clientFirst) }
    }

    @Test func `a first message that is no text ends the exchange`() throws {
        var server = try Exchange.server()
        #expect(throws: SCRAMFault.malformed("it is no text")) {
            try server.received(
                clientFirst: Array("n,,n=,r=abc".utf8) + [0xff], mechanism: Array("SCRAM-SHA-256".utf8))
        }
    }

    @Test(arguments: [
        "", "SCRAM-SHA-1", "scram-sha-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256\0", "OAUTHBEARER", "PLAIN",
    ])
    func `only an offered mechanism will do`(_ mechanism: String) throws {
        var server = try Exchange.server()
        #expect(throws: SCRAMFault.unknownMechanism) {
            try server.received(clientFirst: Array(Exchange.clientFirst.utf8), mechanism: Array(mechanism.utf8))
        }
    }

    @Test func `where channel binding is required the mechanism without it is not known`() throws {
        var server = try Exchange.server(binding: SCRAMChannelBinding(endPoint: Exchange.endPoint, isRequired: true))
        #expect(throws: SCRAMFault.unknownMechanism) { try server.first(Exchange.clientFirst, .plain) }
    }

    @Test func `a client that was not shown -PLUS is told of the downgrade`() throws {
        var server = try Exchange.server(binding: bound)
        #expect(throws: SCRAMFault.downgraded) { try server.first("y,,n=,r=abc", .plain) }
    }

    @Test(arguments: [
        ("n,,n=,r=abc", SCRAMMechanism.plus), ("y,,n=,r=abc", .plus), ("p=tls-server-end-point,,n=,r=abc", .plain),
    ])
    func `mechanism and header have to agree`(_ message: String, _ mechanism: SCRAMMechanism) throws {
        var server = try Exchange.server(binding: bound)
        #expect(throws: SCRAMFault.malformed("mechanism and channel binding contradict each other")) {
            try server.first(message, mechanism)
        }
    }

    @Test(arguments: [
        // Another header than in the first message: "y,,", "p=tls-server-end-point,,", none; not base64; longer.
        "eSws", "cD10bHMtc2VydmVyLWVuZC1wb2ludCws", "", "biw=", "biws=", "BIWS", "biwsAA==",
    ])
    func `a header that was changed on its way is found out`(_ binding: String) throws {
        var server = try answered()
        let final = Exchange.clientFinal.replacing("c=biws", with: "c=\(binding)")
        #expect(throws: SCRAMFault.otherChannel) { try server.final(final) }
        #expect(throws: SCRAMFault.outOfOrder) { try server.final(Exchange.clientFinal) }
    }

    /// As somebody would who ends the client's TLS with a certificate of their own.
    @Test func `a proof that is bound to another certificate is worth nothing`() throws {
        var server = try Exchange.server(binding: bound)
        let other = OpenSSLCryptography.sha256(Array("another certificate".utf8).span)
        var client = SCRAMClient<OpenSSLCryptography>(
            nonce: Exchange.nonceBytes, binding: SCRAMChannelBinding(endPoint: other), offered: true)
        let answer = try server.received(clientFirst: client.first, mechanism: Array("SCRAM-SHA-256-PLUS".utf8))
        let proof = try client.final(salted: Exchange.salt(client.received(serverFirst: answer)))
        #expect(throws: SCRAMFault.otherChannel) { try server.received(clientFinal: proof) }
    }

    /// The one in the middle replaces the hash, too: then the proof does not fit.
    @Test func `a binding put in place of the client's spoils the proof`() throws {
        var server = try Exchange.server(binding: bound)
        let other = OpenSSLCryptography.sha256(Array("another certificate".utf8).span)
        var client = SCRAMClient<OpenSSLCryptography>(
            nonce: Exchange.nonceBytes, binding: SCRAMChannelBinding(endPoint: other), offered: true)
        let answer = try server.received(clientFirst: client.first, mechanism: Array("SCRAM-SHA-256-PLUS".utf8))
        let proof = String(
            decoding: try client.final(salted: Exchange.salt(client.received(serverFirst: answer))), as: UTF8.self)
        let rest = try #require(proof.firstIndex(of: ","))
        let forged = SCRAMBindingFlag.endPoint(Exchange.endPoint).attribute + proof[rest...]
        #expect(throws: SCRAMFault.wrongProof) { try server.final(forged) }
    }

    @Test(arguments: [
        "", "p=", "p=AAAA", Exchange.clientFinal + ",x=1", Exchange.clientFinal + "A",
        String(Exchange.clientFinal.dropLast()), Exchange.clientFinal.replacing(",p=", with: ",q="),
        "r=\(Exchange.nonce),p=W3j01CwL6d3bE7TYSaI6iETjiRXnTDqZORZnrb8dd6k=",
        Exchange.clientFinal.replacing("biws,r=", with: "biws,m=1,r="),
        // The client's nonce alone, the server's alone, another exchange's.
        Exchange.clientFinal.replacing(Exchange.nonce, with: Exchange.clientNonce),
        Exchange.clientFinal.replacing(Exchange.clientNonce, with: ""),
        Exchange.clientFinal.replacing("ppndy", with: "ppndz"),
    ])
    func `a final message that is malformed or of another exchange lets nobody in`(_ message: String) throws {
        var server = try answered()
        #expect { try server.final(message) } throws: { fault in
            if case SCRAMFault.malformed = fault { true } else { false }
        }
    }

    @Test func `every bit of the proof counts`() throws {
        let parts = Exchange.clientFinal.split(separator: ",p=")
        let proof = try #require(Base64.decode(String(parts[1])))
        for bit in 0..<proof.count * 8 {
            var wrong = proof
            wrong[bit / 8] ^= 1 << (bit % 8)
            var server = try answered()
            #expect(throws: SCRAMFault.wrongProof) {
                try server.final("\(parts[0]),p=\(Base64.encode(wrong.span))")
            }
        }
    }

    @Test func `a proof is of no use in another exchange`() throws {
        var server = SCRAMServerUnderTest(
            try #require(Exchange.verifier), binding: .none, nonce: [UInt8](repeating: 7, count: 18))
        _ = try server.first(Exchange.clientFirst)
        #expect(throws: SCRAMFault.malformed("the nonce is not ours")) { try server.final(Exchange.clientFinal) }
    }

    /// What a thief of the verifier has.
    @Test func `stored key and server key make no proof`() throws {
        let verifier = try #require(Exchange.verifier)
        for key in [verifier.storedKey.bytes, verifier.serverKey.bytes] {
            var server = try answered()
            let without = "c=biws,r=\(Exchange.nonce)"
            let message = Array("\(Exchange.clientFirst.dropFirst(3)),\(Exchange.serverFirst),\(without)".utf8)
            let signature = OpenSSLCryptography.authenticate(message.span, key: verifier.storedKey.bytes.span)
            let proof = zip(key, signature).map { $0 ^ $1 }
            #expect(throws: SCRAMFault.wrongProof) { try server.final("\(without),p=\(Base64.encode(proof.span))") }
        }
    }

    @Test func `nothing is taken out of its turn`() throws {
        var early = try Exchange.server()
        #expect(throws: SCRAMFault.outOfOrder) { try early.final(Exchange.clientFinal) }
        #expect(throws: SCRAMFault.outOfOrder) { try early.first(Exchange.clientFirst) }
        var late = try answered()
        _ = try late.final(Exchange.clientFinal)
        #expect(throws: SCRAMFault.outOfOrder) { try late.final(Exchange.clientFinal) }
    }
}
