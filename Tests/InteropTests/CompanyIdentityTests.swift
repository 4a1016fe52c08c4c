import Glibc
import Protocols
import Testing
import WireTestKit

/// Who has no password here comes in by a certificate or by a token of the company's issuer.
@Suite struct CompanyIdentityTests {
    @Test func `psql with a client certificate, and without a good one`() async throws {
        let rig = try await Rig.company(
            logins: "[certificate]", tls: "{ mode: required, clientCA: root.pem, crl: root.crl }",
            more: "  certificates:\n    - field: email\n      pattern: \"{user}@example.com\"\n")
        try await Command("chmod", ["600", rig.certificates + "/leaf.key"]).output()
        let question = ["-Atc", "SELECT 6 * 7"]
        #expect(try await psql(rig, "alice", question).output() == "42\n")
        var bob = psql(rig, "alice", question)
        bob.environment["PGUSER"] = "bob"
        #expect(try await bob.run().errors.contains("authentication failed for user \"bob\""))
        for certificate in ["aliceexpired", "alicefuture", "aliceforeign", "alicewithdrawn", "aliceserver"] {
            let result = try await psql(rig, certificate, question).run()
            #expect(result.exit != .status(0), "\(certificate) came in")
            #expect(result.output.isEmpty)
        }
        let without = try await rig.recorded.psql(question).run()
        #expect(without.exit != .status(0))
        #expect(try await rig.expectVerifiedTimelines().contains("alice (certificate"))
    }

    private func psql(_ rig: Rig, _ certificate: String, _ words: [String]) -> Command {
        var command = rig.recorded.psql(words)
        let files = [
            "PGSSLCERT": "\(rig.certificates)/\(certificate).pem", "PGSSLKEY": rig.certificates + "/leaf.key",
        ]
        // No password, so nothing that channel binding could bind.
        command.environment.merge(files.merging(["PGCHANNELBINDING": "disable"]) { $1 }) { $1 }
        command.environment["PGPASSWORD"] = nil
        return command
    }

    @Test func `psql with a token whose issuer publishes its keys over https`() async throws {
        let place = ScratchFolder()
        try await Command("sh", [Repository.root + "/Tests/Harness/pki.sh", place.path]).output()
        let issuer = TokenIssuerStandIn(.rs256, keyID: "2026")
        try write("{\"keys\":[\(issuer.jwk.text)]}", to: place.path + "/jwks.json")
        let server = try ChildProcess(Command("python3", [clients + "/https_folder.py", place.path]))
        try await until { server.output.contains("\n") }
        let address = "https://localhost:\(server.output.filter(\.isNumber))"
        let rig = try await Rig.company(
            logins: "[jwt]",
            more: """
                  jwt:
                    - issuer: \(address)
                      audience: wiretrail
                      keys: \(address)/jwks.json

                """,
            environment: ["SSL_CERT_FILE": place.path + "/root.pem"])
        func login(_ token: String) async throws -> CommandResult {
            var command = rig.recorded.psql(["-Atc", "SELECT 6 * 7"])
            command.environment.merge(["PGPASSWORD": token, "PGCHANNELBINDING": "disable"]) { $1 }
            return try await command.run()
        }
        let header = "{\"alg\":\"RS256\",\"kid\":\"2026\"}"
        func claims(_ subject: String, _ audience: String) -> String {
            "{\"iss\":\"\(address)\",\"aud\":\"\(audience)\",\"sub\":\"\(subject)\",\"exp\":\(time(nil) + 600)}"
        }
        let good = issuer.token(header: header, claims: claims("alice", "wiretrail"))
        // The keys are fetched beside the gateway's start.
        try await until { try await login(good).output == "42\n" }
        let forger = TokenIssuerStandIn(.rs256, keyID: "2026")
        let wrong = [
            issuer.token(header: header, claims: claims("alice", "elsewhere")),
            issuer.token(header: header, claims: claims("bob", "wiretrail")),
            forger.token(header: header, claims: claims("alice", "wiretrail")),
        ]
        for token in wrong {
            #expect(try await login(token).errors.contains("authentication failed for user \"alice\""))
        }
        let told = try await rig.expectVerifiedTimelines()
        #expect(told.contains("alice (jwt, issuer"))
        #expect(!told.contains(good))
    }
}
