import Testing
import WireTestKit

@Suite struct TargetsTests {
    private static let configuration = """
        version: 1
        state: /state
        listeners:
          - address: 0.0.0.0:6432
            logins: [scram]
            tls: {mode: required}
          - address: 127.0.0.1:6433
            logins: [local, scram]
            targets: [reports]
          - address: "[::1]:6434"
            targets: [orders]
            logins: [scram]
          - address: /run/wiretrail/.s.PGSQL.6435
            targets: [orders]
            logins: [local]
        targets:
          - name: orders
            url: postgres://db.internal/orders
            allowed: {users: [alice]}
          - name: reports
            url: postgres://db.internal/reports
            allowed: {groups: [analysts]}
        identities:
          users:
            - {name: alice, verifier: "\(WrongConfiguration.verifier)"}
            - {name: bob, groups: [analysts], verifier: "\(WrongConfiguration.verifier)"}
            - {name: eve, verifier: "\(WrongConfiguration.verifier)"}

        """

    private func targets(_ words: [String]) async throws -> CommandResult {
        let folder = ScratchFolder()
        defer { withExtendedLifetime(folder) {} }
        try write(Self.configuration, to: folder.path + "/wiretrail.yaml")
        return try await Command(
            try await Program.path(), ["targets", folder.path + "/wiretrail.yaml"] + words,
            environment: ["HOME": folder.path, "NO_COLOR": "1"]
        ).run()
    }

    @Test func `each target is told with each of its addresses, the ways to log in, and what to type`() async throws {
        let output = try await targets(["--as", "alice", "--host", "gw.example"]).output
        #expect(
            output == """
                orders  is db.internal:5432
                  at 0.0.0.0:6432, by scram
                    psql 'postgres://alice@gw.example:6432/orders?sslmode=verify-full&sslrootcert=/state/development-ca.crt'
                    jdbc:postgresql://gw.example:6432/orders?user=alice&sslmode=verify-full&sslrootcert=/state/development-ca.crt
                  at [::1]:6434, by scram
                    psql 'postgres://alice@gw.example:6434/orders?sslmode=disable'
                    jdbc:postgresql://gw.example:6434/orders?user=alice&sslmode=disable
                  at /run/wiretrail/.s.PGSQL.6435, by local
                    psql 'postgres://alice@%2Frun%2Fwiretrail:6435/orders?sslmode=disable'

                """)
    }

    @Test func `without a name for the host, addresses are what they are`() async throws {
        let output = try await targets(["--as", "bob"]).output
        #expect(output.contains("psql 'postgres://bob@127.0.0.1:6433/reports?sslmode=disable'"))
        #expect(!output.contains("0.0.0.0:6432/"), "nobody can connect to that")
        #expect(!output.contains("orders"), "bob may not use them")
    }

    @Test func `who may use nothing is told so`() async throws {
        let result = try await targets(["--as", "eve"])
        #expect(result.exit == .status(1))
        #expect(result.errors.contains("eve may use no target"))
    }
}
