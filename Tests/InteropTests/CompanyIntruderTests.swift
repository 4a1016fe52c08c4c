import Testing
import WireTestKit

/// Ways to be let in wrongly, or to see too much, with real clients: none of them works, and each is in the recording of
/// the rejected.
@Suite struct CompanyIntruderTests {
    /// A user with a password, a token, and two targets of which alice may use one.
    private static func rig() async throws -> Rig {
        let sha256 = try await Command("sh", ["-c", "printf %s \(token) | sha256sum"]).output().prefix(64)
        return try await Rig.company(
            logins: "[scram, token]",
            more: """
                  tokens:
                    - name: robot
                      groups: [accountants]
                      sha256: \(sha256)
                      expires: \(later)

                """,
            target: """
                  - name: payroll
                    url: postgres://localhost:1/payroll
                    tls: { verification: off }
                    allowed: { groups: [accountants] }

                """)
    }

    private static let later = "2100-01-01T00:00:00Z"
    private static let token = "0123456789abcdef0123456789abcdef"

    @Test func `nobody gets in who should not, and nobody sees more than is his`() async throws {
        let rig = try await Self.rig()
        let attempts: [(settings: [String: String], told: String)] = [
            (["PGPASSWORD": "wrong"], "authentication failed for user \"alice\""),
            (["PGUSER": "mallory", "PGCHANNELBINDING": "prefer"], "authentication failed for user \"mallory\""),
            (["PGUSER": "ALICE", "PGCHANNELBINDING": "prefer"], "authentication failed for user \"ALICE\""),
            (["PGUSER": "robot", "PGCHANNELBINDING": "prefer"], "authentication failed for user \"robot\""),
            (["PGPASSWORD": Self.token], "authentication failed for user \"alice\""),
            (["PGSSLMODE": "disable", "PGCHANNELBINDING": "disable"], "TLS is needed here"),
            (["PGDATABASE": "payroll"], "there is no target \"payroll\" for you"),
            (["PGDATABASE": "template1"], "there is no target \"template1\" for you"),
            (["PGDATABASE": "postgres options=-crole=x"], "there is no target"),
            (["PGUSER": "robot", "PGPASSWORD": Self.token], "channel binding"),
            (["PGREQUIREAUTH": "password"], "authentication method requirement"),
        ]
        for attempt in attempts {
            var command = rig.recorded.psql(["-c", "SELECT 1"])
            command.environment.merge(attempt.settings) { $1 }
            // The client of Debian 12 does not know this setting; psycopg's does.
            if attempt.settings["PGREQUIREAUTH"] != nil {
                command.executable = python
                command.arguments = ["-c", "import psycopg; psycopg.connect('')"]
            }
            let result = try await command.run()
            #expect(result.exit != .status(0), "\(attempt.settings)")
            #expect(result.errors.contains(attempt.told), "\(attempt.settings): \(result.errors)")
            #expect(!result.errors.contains("payroll") || attempt.told.contains("payroll"), "\(result.errors)")
        }
        #expect(try await rig.recorded.psql(["-Atc", "SELECT 1"]).output() == "1\n")
        let told = try await rig.expectVerifiedTimelines()
        #expect(told.contains("as user mallory"))
        #expect(!told.contains(Self.token))
    }

    @Test func `what comes in plain behind an SSLRequest is refused`() async throws {
        let rig = try await Self.rig()
        let script = """
            import socket, sys
            s = socket.create_connection(("127.0.0.1", \(rig.recorded.port)))
            s.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47]) + bytes([0, 0, 0, 19, 0, 3, 0, 0]) + b"user\\0alice\\0\\0")
            print(s.recv(1000))
            """
        let said = try await Command("python3", ["-c", script]).output()
        #expect(said.contains("unencrypted bytes after an SSLRequest"))
        try await rig.expectVerifiedTimelines()
    }

    @Test func `direct TLS that does not ask for PostgreSQL is led nowhere`() async throws {
        let rig = try await Self.rig()
        let place = "127.0.0.1:\(rig.recorded.port)"
        for protocols in [[], ["-alpn", "http/1.1"]] {
            let words = ["s_client", "-connect", place, "-quiet"] + protocols
            let said = try await Command("openssl", words, input: "GET / HTTP/1.1\r\n\r\n").run()
            #expect(said.output == "")
        }
        #expect(try await rig.expectVerifiedTimelines().contains("did not ask for postgresql"))
    }

    @Test func `a connection ends with the credential that opened it, and says so`() async throws {
        let rig = try await Self.rig()
        // Far enough away for a login, near enough to be waited for.
        let soon = try await Command("date", ["-u", "-d", "+20 seconds", "+%Y-%m-%dT%H:%M:%SZ"]).output().prefix(20)
        let configuration = try #require(read(rig.gateway.directory + "/wiretrail.yaml"))
        try rig.gateway.reload(configuration.replacing(Self.later, with: soon))
        try await until { rig.gateway.log.contains("is read again") }
        var command = rig.recorded.psql(["-Atc", "SELECT pg_sleep(600)"])
        command.environment.merge(
            ["PGUSER": "robot", "PGPASSWORD": Self.token, "PGCHANNELBINDING": "disable"]) { $1 }
        let result = try await command.run()
        #expect(result.errors.contains("the credential that you logged in with has expired"), "\(result.errors)")
        let late = try await command.run()
        #expect(late.errors.contains("authentication failed for user \"robot\""), "\(late.errors)")
        #expect(try await rig.expectVerifiedTimelines().contains("the caller's credential has expired"))
    }

    @Test func `a server whose certificate nobody vouches for never gets the gateway's password`() async throws {
        let rig = try await Rig.company(roots: "other.pem")
        let result = try await rig.recorded.psql(["-c", "SELECT 1"]).run()
        #expect(result.errors.contains("does not trust the upstream"), "\(result.errors)")
        #expect(result.errors.contains("sslrootcert=FILE"))
        try await rig.expectVerifiedTimelines()
    }
}
