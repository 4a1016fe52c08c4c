import Adapters
import Testing

@testable import Protocols

typealias SCRAMServerUnderTest = SCRAMServer<OpenSSLCryptography>

extension SCRAMExchange {
    /// What PostgreSQL 15 keeps of "open sesame", with the salt of the exchange.
    static let stored =
        "SCRAM-SHA-256$4096:9Zwjpza15Dk8cnuiACzqhg==$3cBdpMF5jfN+7zRZ4UHP1kkXe4FEDQoniIY4uhu+iKc="
        + ":Q8JBhk9lAgS1qPsduRmKasMOvpOdO/fOLsWaKVcLfpo="
    static let serverNonceBytes = Base64.decode(String(nonce.dropFirst(clientNonce.count))) ?? []
    static let verifier = SCRAMVerifier(stored)
    /// SHA-256 of "certificate".
    static let endPoint = OpenSSLCryptography.sha256(Array("certificate".utf8).span)

    static func server(
        binding: SCRAMChannelBinding = .none, _ verifier: SCRAMVerifier? = verifier
    ) throws -> SCRAMServerUnderTest {
        SCRAMServerUnderTest(try #require(verifier), binding: binding, nonce: serverNonceBytes)
    }
}

extension SCRAMServer {
    mutating func first(_ message: String, _ mechanism: SCRAMMechanism = .plain) throws(SCRAMFault) -> String {
        String(
            decoding: try received(clientFirst: Array(message.utf8), mechanism: Array(mechanism.rawValue.utf8)),
            as: UTF8.self)
    }

    mutating func final(_ message: String) throws(SCRAMFault) -> String {
        String(decoding: try received(clientFinal: Array(message.utf8)), as: UTF8.self)
    }
}

@Suite struct SCRAMServerTests {
    typealias Exchange = SCRAMExchange

    @Test func `an exchange with libpq 15 is the one that PostgreSQL 15 had`() throws {
        var server = try Exchange.server()
        #expect(server.mechanisms == [.plain])
        #expect(try server.first(Exchange.clientFirst) == Exchange.serverFirst)
        #expect(try server.final(Exchange.clientFinal) == Exchange.serverFinal)
    }

    /// RFC 7677 §3.
    @Test func `SCRAM-SHA-256's own example`() throws {
        let salt = try #require(Base64.decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
        let verifier = SCRAMVerifier(password: Secret(Array("pencil".utf8)), salt: salt, by: OpenSSLCryptography.self)
        var server = SCRAMServerUnderTest(
            verifier, binding: .none, serverNonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
        #expect(
            try server.first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO") == "r=\(nonce),s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
        #expect(
            try server.final("c=biws,r=\(nonce),p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
                == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    }

    /// What scramp 1.5, another implementation, says on both sides.
    @Test func `an exchange bound to the server's certificate`() throws {
        let nonce = [UInt8](18..<36)
        var server = SCRAMServerUnderTest(
            try #require(Exchange.verifier), binding: SCRAMChannelBinding(endPoint: Exchange.endPoint), nonce: nonce)
        #expect(server.mechanisms == [.plus, .plain])
        let both = "r=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj"
        #expect(
            try server.first("p=tls-server-end-point,,n=x,r=AAECAwQFBgcICQoLDA0ODxAR", .plus)
                == "\(both),s=9Zwjpza15Dk8cnuiACzqhg==,i=4096")
        #expect(
            try server.final(
                "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsA9Zt0Ig1wco/EozOrNHzGslBYwlrIPRFroQoW8CDLXI=,\(both)"
                    + ",p=yv0DWqtoQsf5I7D/8ga+3C3IS8YOQVRd/G7Cuauh/tI=")
                == "v=u3c4uG5fw7RU9ufr10csjV5GoQLBVR8hO/7/qgFerOM=")
    }

    @Test(arguments: [true, false], [true, false])
    func `our client logs in, bound where both can`(_ clientBinds: Bool, _ serverBinds: Bool) throws {
        func binding(_ binds: Bool) -> SCRAMChannelBinding {
            SCRAMChannelBinding(endPoint: binds ? Exchange.endPoint : nil)
        }
        var server = try Exchange.server(binding: binding(serverBinds))
        var client = SCRAMClient<OpenSSLCryptography>(
            nonce: Exchange.nonceBytes, binding: binding(clientBinds), offered: server.mechanisms.contains(.plus))
        #expect(client.mechanism == (clientBinds && serverBinds ? .plus : .plain))
        let mechanism = Array(client.mechanism.rawValue.utf8)
        let salting = try client.received(
            serverFirst: server.received(clientFirst: client.first, mechanism: mechanism))
        let proof = try client.final(salted: Exchange.salt(salting))
        try client.received(serverFinal: server.received(clientFinal: proof))
        #expect(client.isDone)
    }

    @Test func `what may follow by the standard is no hindrance`() throws {
        var server = try Exchange.server()
        #expect(try server.first(Exchange.clientFirst + ",x=later") == Exchange.serverFirst)
    }

    @Test func `channel binding that is required and cannot be had leaves nothing to offer`() throws {
        #expect(try Exchange.server(binding: SCRAMChannelBinding(endPoint: nil, isRequired: true)).mechanisms == [])
        let bound = SCRAMChannelBinding(endPoint: Exchange.endPoint, isRequired: true)
        #expect(try Exchange.server(binding: bound).mechanisms == [.plus])
    }
}
