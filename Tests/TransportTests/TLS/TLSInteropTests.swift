import Protocols
import Testing
import Transport
import WireTestKit

/// OpenSSL's own client and server at the other end.
@Suite(.timeLimit(.minutes(5)))
struct TLSInteropTests {
    /// A server of ours that echoes, and a folder with all certificates.
    private func withServer(
        _ context: TLSServerContext,
        _ body: @escaping @Sendable (_ port: UInt16, _ folder: String, Handshakes) async throws -> Void
    ) async throws {
        let scratch = ScratchFolder()
        try (await TestPKI.shared).write(to: scratch.path)
        try await withLoops(1) { group in
            let handshakes = Handshakes()
            let server = try listen(group) { socket in
                let result = await socket.handshake(as: context)
                await handshakes.add(result)
                guard case .success = result else { return socket.drainThenClose() }
                await echo(socket)
            }
            try await body(server.port!, scratch.path, handshakes)
        }
    }

    /// s_client tells of the session by words such as None, and takes a line that begins with R or K as a command only if it
    /// reads it alone: a test sends what s_client never says, and waits until that has come back.
    private func openssl(_ port: UInt16, _ folder: String, _ options: String...) -> Command {
        Command(
            "openssl",
            ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", folder + "/root.pem", "-verify_return_error"]
                + options)
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `OpenSSL's client talks to our server`(_ version: String) async throws {
        try await withServer(try TestPKI.shared.server()) { port, folder, handshakes in
            let client = try ChildProcess.interactive(
                openssl(port, folder, version, "-brief", "-verify_hostname", "localhost", "-servername", "localhost"))
            client.send("hello\n")
            try await until { client.output.contains("hello\n") }
            let facts = try await handshakes.first().get()
            #expect(facts.version == (version == "-tls1_2" ? "TLSv1.2" : "TLSv1.3"))
            #expect(facts.serverName == "localhost")
            #expect(client.errors.contains("Verification: OK"))
        }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `our client talks to OpenSSL's server`(_ version: String) async throws {
        let pki = try await TestPKI.shared
        let scratch = ScratchFolder()
        try pki.write(to: scratch.path)
        let server = try await opensslServer(scratch.path, version, "-rev", "-alpn", "postgresql")
        let trusting = try pki.client(protocols: ["http/1.1", "postgresql"])
        try await withLoops(1) { group in
            try await on(group.loops[0]) { loop in
                let socket = try await Socket.connect(
                    to: .loopback(port: server.port), on: loop, within: .seconds(60))
                defer { socket.close() }
                let facts = try await socket.handshake(to: "db.example.com", with: trusting).get()
                #expect(facts.version == (version == "-tls1_2" ? "TLSv1.2" : "TLSv1.3"))
                #expect(facts.applicationProtocol == "postgresql")
                try socket.send(Array("hello\n".utf8).span)
                #expect(String(decoding: try await read(6, from: socket), as: UTF8.self) == "olleh\n")
            }
        }
    }

    @Test func `a client that asks for new keys gets them, and goes on`() async throws {
        try await withServer(try TestPKI.shared.server()) { port, folder, _ in
            let client = try ChildProcess.interactive(openssl(port, folder, "-tls1_3"))
            client.send("ping 1\n")
            try await until { client.output.contains("ping 1\n") }
            // s_client's command to update its keys and to ask for ours.
            client.send("K\n")
            try await until { client.errors.contains("KEYUPDATE") }
            client.send("ping 2\n")
            try await until { client.output.contains("ping 2\n") }
        }
    }

    // MARK: What is refused

    @Test func `a client that wants to negotiate again is left alone with it`() async throws {
        try await withServer(try TestPKI.shared.server()) { port, folder, _ in
            let client = try ChildProcess.interactive(openssl(port, folder, "-tls1_2"))
            client.send("ping 1\n")
            try await until { client.output.contains("ping 1\n") }
            client.send("R\n")
            try await client.wait(timeoutSeconds: 60)
            #expect(client.errors.contains("no renegotiation"))
        }
    }

    @Test(arguments: ["-tls1", "-tls1_1"])
    func `a client that would be content with less is refused`(_ version: String) async throws {
        try await withServer(try TestPKI.shared.server()) { port, folder, handshakes in
            let result = try await openssl(port, folder, version, "-cipher", "ALL:@SECLEVEL=0").run()
            #expect(result.exit != .status(0))
            let failure = try await handshakes.first().failure
            #expect(failure == .tls(.noCommonVersion))
            #expect(result.errors.contains("protocol version"), "the client learns why")
        }
    }

    @Test(arguments: ["-tls1", "-tls1_1"])
    func `a server that offers less is refused`(_ version: String) async throws {
        let pki = try await TestPKI.shared
        let scratch = ScratchFolder()
        try pki.write(to: scratch.path)
        let server = try await opensslServer(scratch.path, version, "-cipher", "ALL:@SECLEVEL=0")
        try await expectFailure(of: try pki.client(), server.port) { failure in
            [.tls(.noCommonVersion), .tls(.alert("protocol version"))].contains(failure)
        }
    }

    @Test(arguments: ["AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "DHE-RSA-AES128-GCM-SHA256"])
    func `a client whose ciphers lack forward secrecy or authentication is refused`(_ cipher: String) async throws {
        try await withServer(try TestPKI.shared.server()) { port, folder, handshakes in
            _ = try await openssl(port, folder, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0").run()
            let failure = try await handshakes.first().failure
            #expect(failure == .tls(.noCommonCipher))
        }
    }

    @Test func `no session is resumed: each connection proves anew who is there`() async throws {
        try await withServer(try TestPKI.shared.server()) { port, folder, _ in
            // It connects six times, each time with what it has kept of the first session.
            let again = try await openssl(port, folder, "-tls1_2", "-reconnect").run()
            #expect(again.output.matches(of: /New, TLSv1.2/).count == 6)
            let client = try ChildProcess.interactive(openssl(port, folder, "-tls1_3"))
            client.send("ping 1\n")
            try await until { client.output.contains("ping 1\n") }
            #expect(!client.output.contains("New Session Ticket"))
        }
    }

    @Test func `a server with a key that is too weak is refused`() async throws {
        let pki = try await TestPKI.shared
        let scratch = ScratchFolder()
        try pki.write(to: scratch.path)
        let server = try await opensslServer(
            scratch.path, "-tls1_3", "-cipher", "ALL:@SECLEVEL=0", certificate: "weak", key: "weak")
        try await expectFailure(of: try pki.client(), server.port) { failure in
            failure == .tls(.certificateRefused(reason: "EE certificate key too weak"))
        }
    }

    private func expectFailure(
        of client: TLSClientContext, _ port: UInt16, _ isExpected: @escaping @Sendable (TransportError?) -> Bool
    ) async throws {
        try await withLoops(1) { group in
            try await on(group.loops[0]) { loop in
                let socket = try await Socket.connect(to: .loopback(port: port), on: loop, within: .seconds(60))
                defer { socket.close() }
                let failure = await socket.handshake(to: "localhost", with: client).failure
                #expect(isExpected(failure), "\(String(describing: failure))")
            }
        }
    }

    private func opensslServer(
        _ folder: String, _ options: String..., certificate: String = "server", key: String = "leaf"
    ) async throws -> (process: ChildProcess, port: UInt16) {
        let process = try ChildProcess.interactive(
            Command(
                "openssl",
                ["s_server", "-accept", "127.0.0.1:0", "-cert", "\(folder)/\(certificate).pem"]
                    + ["-key", "\(folder)/\(key).key"] + options))
        let listening = /ACCEPT \S+:(\d+)\n/
        try await until { process.output.contains(listening) }
        return (process, UInt16(process.output.firstMatch(of: listening)!.1)!)
    }
}

/// What came of the handshakes of a server, in order.
actor Handshakes {
    private var results: [Result<TLSFacts, TransportError>] = []

    func add(_ result: Result<TLSFacts, TransportError>) { results.append(result) }

    /// Waits for the first.
    func first() async throws -> Result<TLSFacts, TransportError> {
        try await until { !self.results.isEmpty }
        return results[0]
    }
}
