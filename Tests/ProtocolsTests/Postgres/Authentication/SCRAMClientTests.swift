import Adapters
import Protocols
import Testing

/// What crossed between libpq 15 and PostgreSQL 15 (fixtures/postgres/login-scram.pcap).
enum SCRAMExchange {
    static let password = "open sesame"
    static let clientNonce = "t0VoF8sRKmDs/SeFcT4Q9Rv9"
    static let nonce = clientNonce + "ppndyAM5ZfVrss1T9cx7LEsg"
    static let clientFirst = "n,,n=,r=\(clientNonce)"
    static let serverFirst = "r=\(nonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=4096"
    static let clientFinal = "c=biws,r=\(nonce),p=W3j01CwL6d3bE7TYSaI6iETjiRXnTDqZORZnrb8dd6k="
    static let serverFinal = "v=3JckFJm3WNyPYo7U9KY2vDlDeypR/+n7Z/1F2zc0ec8="

    static var nonceBytes: [UInt8] { Base64.decode(clientNonce) ?? [] }

    static func salt(_ salting: SCRAMClient<OpenSSLCryptography>.Salting, _ password: String = password) -> Secret {
        let password = Array(password.utf8)
        return Secret(
            OpenSSLCryptography.derive(
                password: password.span, salt: salting.salt.span, iterations: salting.iterations))
    }
}

@Suite struct SCRAMClientTests {
    typealias Exchange = SCRAMExchange

    private var client = SCRAMClient<OpenSSLCryptography>(nonce: SCRAMExchange.nonceBytes)

    private mutating func answer(_ serverFirst: String = Exchange.serverFirst) throws -> String {
        let salting = try client.received(serverFirst: Array(serverFirst.utf8))
        return String(decoding: try client.final(salted: Exchange.salt(salting)), as: UTF8.self)
    }

    @Test mutating func `an exchange with PostgreSQL 15 is the one that libpq had`() throws {
        #expect(String(decoding: client.first, as: UTF8.self) == Exchange.clientFirst)
        #expect(try answer() == Exchange.clientFinal)
        #expect(!client.isDone)
        try client.received(serverFinal: Array(Exchange.serverFinal.utf8))
        #expect(client.isDone)
    }

    @Test(arguments: [
        // The nonce is another one, or ours alone, or ours with something before it.
        "r=x\(Exchange.nonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=4096",
        "r=\(Exchange.clientNonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=4096",
        "r=\(Exchange.clientNonce.lowercased())abcd,s=9Zwjpza15Dk8cnuiACzqhg==,i=4096",
        "r=,s=9Zwjpza15Dk8cnuiACzqhg==,i=4096",
        // So little work that a stolen verifier is soon guessed; so much that it would keep us busy.
        "r=\(Exchange.nonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=4095",
        "r=\(Exchange.nonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=600001",
        "r=\(Exchange.nonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=-4096",
        "r=\(Exchange.nonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=99999999999999999999",
        "r=\(Exchange.nonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=",
        "r=\(Exchange.nonce),s=,i=4096",
        "r=\(Exchange.nonce),s=9Zwj!za15Dk8cnuiACzqhg==,i=4096",
        // Attributes that are missing, out of order, or unknown and mandatory (RFC 5802 §5.1, "m").
        "", "r=\(Exchange.nonce)", "s=9Zwjpza15Dk8cnuiACzqhg==,r=\(Exchange.nonce),i=4096",
        "m=x,r=\(Exchange.nonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=4096",
        "r=\(Exchange.nonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=4096,x=1",
        "r=\(Exchange.nonce),s=9Zwjpza15Dk8cnuiACzqhg==,i=4096" + String(repeating: " ", count: 4096),
    ])
    mutating func `a first message that lies ends the exchange`(_ message: String) {
        #expect(throws: PostgresLoginFailure.self) { try client.received(serverFirst: Array(message.utf8)) }
        #expect(throws: PostgresLoginFailure.outOfOrder) {
            try client.received(serverFirst: Array(Exchange.serverFirst.utf8))
        }
    }

    @Test mutating func `a first message that is no text ends the exchange`() {
        #expect(throws: PostgresLoginFailure.self) { try client.received(serverFirst: [0xff, 0xfe]) }
    }

    @Test(arguments: [
        // Another exchange's signature, a part of ours, none, an error (RFC 5802 §7), and more than is due.
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "v=3JckFJm3WNyPYo7U9KY2vDlDeypR/+n7Z/1F2zc0", "v=", "",
        "e=other-error", "e=", "\(Exchange.serverFinal),x=1", "x=1,\(Exchange.serverFinal)",
    ])
    mutating func `a server that does not prove itself is not believed`(_ message: String) throws {
        _ = try answer()
        #expect(throws: PostgresLoginFailure.self) { try client.received(serverFinal: Array(message.utf8)) }
        #expect(!client.isDone)
        #expect(throws: PostgresLoginFailure.outOfOrder) {
            try client.received(serverFinal: Array(Exchange.serverFinal.utf8))
        }
        #expect(!client.isDone)
    }

    @Test mutating func `a signature of another password is no proof`() throws {
        let salting = try client.received(serverFirst: Array(Exchange.serverFirst.utf8))
        _ = try client.final(salted: Exchange.salt(salting, "wrong"))
        #expect(throws: PostgresLoginFailure.scram("the server could not prove that it knows the password")) {
            try client.received(serverFinal: Array(Exchange.serverFinal.utf8))
        }
    }

    @Test mutating func `nothing is taken out of its turn`() throws {
        var early = client
        #expect(throws: PostgresLoginFailure.outOfOrder) { try early.final(salted: Secret([1])) }
        early = client
        #expect(throws: PostgresLoginFailure.outOfOrder) {
            try early.received(serverFinal: Array(Exchange.serverFinal.utf8))
        }
        _ = try answer()
        #expect(throws: PostgresLoginFailure.outOfOrder) {
            try client.received(serverFirst: Array(Exchange.serverFirst.utf8))
        }
    }
}
