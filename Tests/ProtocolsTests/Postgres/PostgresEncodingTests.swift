import Protocols
import Testing
import WireTestKit

@Suite struct PostgresEncodingTests {
    @Test func `what a server says is laid out as in the manual`() {
        let diagnostic = PostgresEncoding.Diagnostic(
            severity: "ERROR", code: "42501", message: "denied", detail: "rule 7", hint: "ask")
        let fields =
            [0x53] + text("ERROR") + [0x56] + text("ERROR") + [0x43] + text("42501") + [0x4D] + text("denied")
            + [0x44] + text("rule 7") + [0x48] + text("ask") + [0]
        #expect(PostgresEncoding.errorResponse(diagnostic) == message("E", fields))
        #expect(PostgresEncoding.noticeResponse(diagnostic) == message("N", fields))
        #expect(PostgresEncoding.readyForQuery(.inFailedTransaction) == message("Z", [0x45]))
        #expect(PostgresEncoding.authenticationOk() == message("R", int32(0)))
        #expect(PostgresEncoding.authenticationCleartextPassword() == message("R", int32(3)))
        #expect(PostgresEncoding.authenticationMD5Password(salt: 0x0102_0304) == message("R", int32(5), [1, 2, 3, 4]))
        #expect(
            PostgresEncoding.authenticationSASL(mechanisms: ["A", "B"])
                == message("R", int32(10), text("A"), text("B"), [0]))
        #expect(PostgresEncoding.authenticationSASLContinue([1]) == message("R", int32(11), [1]))
        #expect(PostgresEncoding.authenticationSASLFinal([1]) == message("R", int32(12), [1]))
        #expect(PostgresEncoding.parameterStatus("a", Array("b".utf8)) == message("S", text("a"), text("b")))
        #expect(
            PostgresEncoding.backendKeyData(processID: 7, key: [1, 2, 3, 4]) == message("K", int32(7), [1, 2, 3, 4]))
    }

    @Test func `what a client says is laid out as in the manual`() {
        #expect(PostgresEncoding.sslRequest() == Bytes.sslRequest)
        #expect(PostgresEncoding.gssEncryptionRequest() == Bytes.gssRequest)
        #expect(PostgresEncoding.startup(parameters: [("user", Array("alice".utf8))]) == Bytes.startup)
        #expect(PostgresEncoding.password(Array("pw".utf8)) == message("p", text("pw")))
        #expect(
            PostgresEncoding.saslInitialResponse(mechanism: "X", data: [9])
                == message("p", text("X"), int32(1), [9]))
        #expect(PostgresEncoding.saslResponse([9]) == message("p", [9]))
        #expect(PostgresEncoding.query(Array("SELECT 1".utf8)) == message("Q", text("SELECT 1")))
        #expect(PostgresEncoding.sync() == message("S"))
        #expect(PostgresEncoding.terminate() == message("X"))
    }

    @Test func `a zero byte in a text cannot end it early`() {
        #expect(PostgresEncoding.query([0x61, 0, 0x62]) == message("Q", text("ab")))
    }
}

@Suite struct PostgresDetectionTests {
    private static let http = Array("GET / HTTP/1.1".utf8)

    @Test(
        arguments: [
            (Bytes.startup, [], .yes), (Bytes.sslRequest, [], .yes), (Bytes.gssRequest, [], .yes),
            (PostgresEncoding.cancelRequest(processID: 1, key: [1, 2, 3, 4]), [], .yes),
            (PostgresEncoding.sync(), [], .midstream), ([], Bytes.ready, .midstream), ([], [], .needMore),
            (Array(Bytes.startup.prefix(7)), [], .needMore), ([0x51], [], .needMore),
            (http, [], .no), ([], Array("SSH-2.0-x".utf8), .no), (packet(int32(0x20000)), [], .no),
            ([0x16, 3, 1], [], .no),
        ] as [([UInt8], [UInt8], Detection)])
    func `the first bytes tell the protocol`(_ client: [UInt8], _ server: [UInt8], _ expected: Detection) {
        #expect(PostgresDetection.detect(client: client.span, server: server.span) == expected)
    }
}
