import Glibc
import Protocols
import Testing
import WireTestKit

/// How real clients come to prove who they are, over HTTP.
@Suite struct HTTPLoginTests {
    @Test func `an MCP client finds out where tokens are, gets one and is let in`() async throws {
        let place = ScratchFolder()
        let issuer = try await ServerProgram.start(python, ["authorization.py", place.path + "/jwks.json"])
        let rig = try await Self.rig(issuer: "http://127.0.0.1:\(issuer.port)", keys: place.path + "/jwks.json")
        let challenge = try await Command("curl", ["-sS", "-i", rig.address("/files")]).output()
        #expect(
            challenge.contains("resource_metadata=\"\(rig.address("/.well-known/oauth-protected-resource/files"))\""))
        let client = Command(pythonOfFirstSDK, [clients + "/mcp_oauth.py", rig.address("/files")])
        #expect(try await client.output() == "add: 42\n")
        #expect(issuer.told.contains("resource \(rig.address("/files"))\n"))
        let token = try #require(issuer.told.split(separator: "\n").last { $0.hasPrefix("token ") }?.dropFirst(6))
        let recorded = try await rig.recorded()
        #expect(recorded.contains("tools/call") && !recorded.contains(token.suffix(40)))
    }

    @Test func `curl with a JSON web token, and with one that is none for here`() async throws {
        let place = ScratchFolder()
        let issuer = TokenIssuerStandIn(.rs256, keyID: "2026")
        try write("{\"keys\":[\(issuer.jwk.text)]}", to: place.path + "/jwks.json")
        let rig = try await Self.rig(issuer: "https://login.example", keys: place.path + "/jwks.json")
        func status(
            _ key: TokenIssuerStandIn, _ audience: String = "wiretrail", seconds: Int = 600
        ) async throws -> String {
            let claims =
                "{\"iss\":\"https://login.example\",\"aud\":\"\(audience)\",\"sub\":\"alice\",\"exp\":\(time(nil) + seconds)}"
            let token = key.token(header: "{\"alg\":\"RS256\",\"kid\":\"2026\"}", claims: claims)
            let words = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Authorization: Bearer \(token)"]
            return try await Command("curl", words + [rig.address("/files/x")]).output()
        }
        #expect(try await status(issuer) != "401")
        #expect(try await status(issuer, "elsewhere") == "401")
        #expect(try await status(issuer, seconds: -600) == "401")
        #expect(try await status(TokenIssuerStandIn(.rs256, keyID: "2026")) == "401")
    }

    @Test func `curl with a client certificate, and without a good one`() async throws {
        let place = ScratchFolder()
        try await Command("sh", [Repository.root + "/Tests/Harness/pki.sh", place.path]).output()
        try await Command("chmod", ["600", place.path + "/leaf.key"]).output()
        let rig = try await HTTPGatewayRig(
            listener: "logins: [certificate], tls: {clientCA: \(place.path)/root.pem, crl: \(place.path)/root.crl}",
            identities: "certificates: [{field: email, pattern: \"{user}@example.com\"}]")
        func curl(_ words: [String]) async throws -> CommandResult {
            let address = rig.address("/files").replacing("http:", with: "https:")
            return try await Command("curl", ["-ksS", "-m", "60", "-w", "%{http_code}"] + words + [address]).run()
        }
        func certificate(_ name: String) -> [String] {
            ["--cert", "\(place.path)/\(name).pem", "--key", place.path + "/leaf.key"]
        }
        #expect(try await curl(certificate("alice")).output.hasSuffix("200"))
        #expect(try await curl([]).output.hasSuffix("401"))
        for name in ["aliceexpired", "alicefuture", "aliceforeign", "alicewithdrawn", "aliceserver"] {
            let result = try await curl(certificate(name))
            #expect(!result.output.hasSuffix("200"), "\(name) came in")
        }
        #expect(try await rig.seen().contains("GET /mcp "))
        #expect(try await rig.recorded().contains("alice"))
    }

    private static func rig(issuer: String, keys: String) async throws -> HTTPGatewayRig {
        try await HTTPGatewayRig(
            before: try await .start(pythonOfFirstSDK, ["mcp_server.py", "sdk1"]), listener: "logins: [jwt]",
            identities: "jwt: [{issuer: \"\(issuer)\", audience: wiretrail, keys: \(keys)}]")
    }
}
