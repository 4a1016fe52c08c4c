import Adapters
import Protocols
import Testing
import WireTestKit

@Suite struct SSHTimelineTests {
    private static func events(_ turns: [WireTurn], _ chunking: Chunking = .whole) -> [TimelineEvent] {
        TimelineProperties.events(SSHTimeline<TimelineAdapters>.self, turns, chunking)
    }

    private static let greetings: [WireTurn] = [
        .bytes(SSHBytes.line("SSH-2.0-client"), .clientToServer),
        .bytes(SSHBytes.line("mind the gap") + SSHBytes.line("SSH-2.0-server it is"), .serverToClient),
    ]

    @Test(arguments: Chunking.all)
    func `a session is a greeting, a key exchange and what cannot be read`(_ chunking: Chunking) throws {
        let turns =
            Self.greetings + [
                .bytes(SSHBytes.keyExchangeInit(SSHBytes.usual), .clientToServer),
                .bytes(SSHBytes.keyExchangeInit(SSHBytes.usual), .serverToClient),
                .bytes(SSHBytes.packet([30] + SSHBytes.string("q")) + SSHBytes.newKeys + [1, 2], .clientToServer),
                .bytes(
                    SSHBytes.packet([31, 0, 0, 0, 15] + SSHBytes.string("ssh-ed25519")) + SSHBytes.newKeys,
                    .serverToClient),
            ]
        let events = Self.events(turns, chunking)
        #expect(events.map(\.kind) == ["ssh.greeting", "ssh.keyExchange", "opaque", "ssh.encrypted"])
        #expect(events[0].title == "client meets server")
        #expect(events[0]["server"] == .text("SSH-2.0-server it is"))
        #expect(events[0]["lines"] == .list([.text("mind the gap")]))
        #expect(events[1].title == "curve25519-sha256, ssh-ed25519, aes128-ctr")
        #expect(events[1].outcome == .succeeded)
        #expect(
            events[1]["messages"] == .list([.text("client: KEX_ECDH_INIT"), .text("server: KEX_ECDH_REPLY")]))
        let digest = Base64.encode(SHA256.hash(SSHBytes.string("ssh-ed25519").span).span).prefix { $0 != "=" }
        #expect(events[1]["hostKey"] == .text("ssh-ed25519 SHA256:\(digest)"))
        #expect(events[3]["sent"] == .byteCount(2))
    }

    @Test func `nothing in common fails the key exchange`() {
        var others = SSHBytes.usual
        others[2] = "3des-cbc"
        let events = Self.events(
            Self.greetings + [
                .bytes(SSHBytes.keyExchangeInit(SSHBytes.usual), .clientToServer),
                .bytes(SSHBytes.keyExchangeInit(others), .serverToClient),
                .bytes(SSHBytes.disconnect(3, "no matching cipher"), .serverToClient),
            ])
        #expect(events.map(\.kind) == ["ssh.greeting", "ssh.keyExchange", "ssh.disconnect"])
        #expect(events[1].outcome == .failed(code: "", message: "no cipher in common"))
        #expect(events[2].title == "the server disconnects: no matching cipher")
        #expect(events[2].outcome == .failed(code: "3", message: "key exchange failed"))
    }

    @Test func `a connection that ends early is unfinished`() {
        let events = Self.events([.bytes(SSHBytes.line("SSH-2.0-scanner"), .clientToServer)])
        #expect(events.map(\.outcome) == [.unfinished])
        #expect(events[0].title == "scanner meets nobody")
    }

    @Test func `control characters of a peer stay text`() {
        let events = Self.events([
            .bytes(SSHBytes.line("\u{1b}[2J"), .serverToClient), .bytes(SSHBytes.line("SSH-2.0-x"), .serverToClient),
        ])
        #expect(DisplayText.line("\(events[0])").contains("\u{1b}") == false)
    }

    @Test(arguments: [
        ("diffie-hellman-group14-sha256", 31, "KEXDH_REPLY"), ("ecdh-sha2-nistp256", 30, "KEX_ECDH_INIT"),
        ("diffie-hellman-group-exchange-sha256", 34, "KEX_DH_GEX_REQUEST"),
        ("mlkem768x25519-sha256", 30, "KEX_HYBRID_INIT"), ("sntrup761x25519-sha512@openssh.com", 31, "KEX_ECDH_REPLY"),
        ("rsa2048-sha256", 30, "KEXRSA_PUBKEY"), ("gss-group14-sha256-toWM5Slw5Ew8Mqkay+al2g==", 32, "KEXGSS_COMPLETE"),
        ("somebody's@example.org", 30, "message 30"),
    ])
    func `messages are named by the method`(_ method: String, _ number: UInt8, _ name: String) {
        var lists = SSHBytes.usual
        lists[0] = method
        let events = Self.events(
            Self.greetings + [
                .bytes(SSHBytes.keyExchangeInit(lists), .clientToServer),
                .bytes(SSHBytes.keyExchangeInit(lists), .serverToClient),
                .bytes(SSHBytes.packet([number, 0, 0, 0, 0]), .clientToServer),
            ])
        #expect(events[1]["messages"] == .list([.text("client: \(name)")]))
        #expect(events[1].outcome == .unfinished)
    }
}

extension TimelineEvent {
    subscript(_ name: String) -> Value? { fields.first { $0.name == name }?.value }
}
