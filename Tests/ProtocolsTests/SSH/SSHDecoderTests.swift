import Protocols
import Testing
import WireTestKit

@Suite struct SSHDecoderTests {
    private static let handshake: [WireTurn] = [
        .bytes(SSHBytes.line("welcome") + SSHBytes.line("SSH-2.0-server 1"), .serverToClient),
        .bytes(SSHBytes.line("SSH-2.0-client"), .clientToServer),
        .bytes(SSHBytes.keyExchangeInit(SSHBytes.usual), .clientToServer),
        .bytes(SSHBytes.keyExchangeInit(SSHBytes.usual), .serverToClient),
        .bytes(SSHBytes.packet([30] + SSHBytes.string("public")), .clientToServer),
        .bytes(SSHBytes.packet([31] + SSHBytes.string("host key")) + SSHBytes.newKeys + [1, 2, 3], .serverToClient),
        .bytes(SSHBytes.newKeys + [4, 5], .clientToServer),
    ]

    @Test(arguments: Chunking.all)
    func `a handshake is read up to NEWKEYS, and nothing after`(_ chunking: Chunking) {
        let trace = WireTrace(SSHDecoder(limits: WireLimits()), turns: Self.handshake, chunking)
        #expect(trace.fault == nil)
        let client = trace.client.map(Self.name)
        let server = trace.server.map(Self.name)
        #expect(client == ["identification", "KEXINIT", "30", "NEWKEYS", "encrypted", "2 bytes"])
        #expect(server == ["line", "identification", "KEXINIT", "31", "NEWKEYS", "encrypted", "3 bytes"])
    }

    private static func name(_ entry: WireTrace<SSHMessage>.Entry) -> String {
        switch entry {
        case .message(.line, _, _): "line"
        case .message(.identification, _, _): "identification"
        case .message(.keyExchangeInit, _, _): "KEXINIT"
        case .message(.keyExchange(let number, _), _, _): "\(number)"
        case .message(.newKeys, _, _): "NEWKEYS"
        case .message(let message, _, _): "\(message)"
        case .opaque(let reason, _): reason.rawValue
        case .body(_, let length, _): "\(length) bytes"
        case .head, .become: "none of SSH's"
        }
    }

    @Test func `a server of both versions waits for what the client speaks`() {
        let turns: [WireTurn] = [
            .bytes(SSHBytes.line("SSH-1.99-old") + [0, 0, 0, 9, 1, 2, 3], .serverToClient),
            .bytes(SSHBytes.line("SSH-1.5-older"), .clientToServer),
        ]
        let trace = WireTrace(SSHDecoder(limits: WireLimits()), turns: turns, .byteByByte)
        #expect(trace.fault == nil)
        #expect(trace.server.count == 3)
        #expect(trace.server.dropFirst().first == .opaque(.unsupported, offset: 14))
        #expect(trace.client.last != .opaque(.unsupported, offset: 0))
    }

    struct Offence: Sendable, CustomTestStringConvertible {
        let what: String
        let bytes: [UInt8]
        var direction = Direction.clientToServer
        let code: WireFault.Code
        var testDescription: String { what }
    }

    private static let greeting = SSHBytes.line("SSH-2.0-x")

    @Test(arguments: [
        Offence(what: "a client that says something else first", bytes: Array("GET /".utf8), code: .malformed),
        Offence(what: "an unknown version", bytes: SSHBytes.line("SSH-3.0-x"), code: .malformed),
        Offence(what: "no software version", bytes: SSHBytes.line("SSH-2.0"), code: .malformed),
        Offence(what: "a null character", bytes: SSHBytes.line("SSH-2.0-x\0y"), code: .malformed),
        Offence(
            what: "an endless identification", bytes: Array("SSH-2.0-".utf8) + [UInt8](repeating: 65, count: 300),
            code: .limitExceeded),
        Offence(
            what: "an endless line", bytes: [UInt8](repeating: 65, count: 8200), direction: .serverToClient,
            code: .limitExceeded),
        Offence(
            what: "too many lines", bytes: (0..<20).flatMap { _ in [UInt8](repeating: 65, count: 4000) + [10] },
            direction: .serverToClient, code: .limitExceeded),
        Offence(what: "a packet too short", bytes: greeting + [0, 0, 0, 4, 4, 21, 0, 0], code: .malformed),
        Offence(what: "a packet off its blocks", bytes: greeting + [0, 0, 0, 13], code: .malformed),
        Offence(what: "a packet too long", bytes: greeting + [0, 4, 0, 4], code: .limitExceeded),
        Offence(
            what: "padding that is all", bytes: greeting + [0, 0, 0, 12, 11] + [UInt8](repeating: 0, count: 11),
            code: .malformed),
        Offence(what: "a user's login without keys", bytes: greeting + SSHBytes.packet([50]), code: .unexpectedMessage),
        Offence(what: "NEWKEYS before KEXINIT", bytes: greeting + SSHBytes.newKeys, code: .unexpectedMessage),
        Offence(
            what: "KEXINIT twice",
            bytes: greeting + SSHBytes.keyExchangeInit(SSHBytes.usual) + SSHBytes.keyExchangeInit(SSHBytes.usual),
            code: .unexpectedMessage),
        Offence(
            what: "a name-list longer than its message",
            bytes: greeting + SSHBytes.packet([20] + [UInt8](repeating: 0, count: 16) + [0, 1, 0, 0]), code: .malformed),
    ])
    func `a broken rule is a fault of its sender, however it is cut`(_ offence: Offence) throws {
        for chunking in Chunking.all {
            let trace = WireTrace(
                SSHDecoder(limits: WireLimits()), turns: [.bytes(offence.bytes, offence.direction)], chunking)
            let fault = try #require(trace.fault)
            #expect(fault.code == offence.code)
            #expect(fault.direction == offence.direction)
        }
    }

    @Test func `behind a hole nothing is guessed`() {
        let turns: [WireTurn] = [
            .bytes(Self.greeting, .clientToServer), .gap(100, .clientToServer),
            .bytes(SSHBytes.newKeys, .clientToServer),
        ]
        let trace = WireTrace(SSHDecoder(limits: WireLimits()), turns: turns, .whole)
        #expect(trace.fault == nil)
        #expect(trace.client.contains(.opaque(.unsupported, offset: 111)))
    }

    @Test func `detection tells by the first bytes`() {
        func detect(_ client: String, _ server: String) -> Detection {
            SSHDetection.detect(client: Array(client.utf8).span, server: Array(server.utf8).span)
        }
        #expect(detect("", "") == .needMore)
        #expect(detect("SS", "") == .needMore)
        #expect(detect("SSH-2.0-x", "") == .yes)
        #expect(detect("", "SSH-1.99-x") == .yes)
        #expect(detect("SSH-2.0-x", "mind the gap") == .yes)
        #expect(detect("", "mind the gap") == .needMore)
        #expect(detect("GET / HTTP/1.1", "SSH-2.0-x") == .no)
    }
}
