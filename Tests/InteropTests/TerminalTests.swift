import Testing
import WireTestKit

/// psql on a terminal of its own, with real keystrokes.
@Suite struct TerminalTests {
    private static let interrupt = "\u{3}"

    @Test func `Ctrl-C cancels a statement, and the connection lives on`() async throws {
        let rig = try await Rig.start()
        let terminal = try Self.terminal(rig.recorded)
        terminal.send("SELECT pg_sleep(600);\n")
        try await until { try await rig.server.psql(Self.sleepers) == "1\n" }
        terminal.send(Self.interrupt)
        try await until {
            terminal.output.contains("ERROR:  canceling statement due to user request")
        }
        // The server says the error before its statistics say that it is idle.
        try await until { try await rig.server.psql(Self.sleepers) == "0\n" }
        terminal.send("SELECT 6 * 7 AS answer;\n\\q\n")
        #expect(try await terminal.wait(timeoutSeconds: 60) == .status(0))
        #expect(terminal.output.contains("42"))
        try await rig.expectVerifiedTimeline(naming: ["SELECT pg_sleep(600)", "canceling statement"])
    }

    @Test func `watch repeats a statement until Ctrl-C`() async throws {
        let rig = try await Rig.start()
        let terminal = try Self.terminal(rig.recorded)
        terminal.send("SELECT 'tick' AS clock \\watch 0.05\n")
        try await until { terminal.output.split(separator: " tick").count > 5 }
        terminal.send(Self.interrupt)
        terminal.send("SELECT 'done' AS state;\n\\q\n")
        #expect(try await terminal.wait(timeoutSeconds: 60) == .status(0))
        #expect(terminal.output.contains(" done"))
        try await rig.expectVerifiedTimeline(naming: ["SELECT 'tick' AS clock"])
    }

    @Test func `a notification reaches a session that listens`() async throws {
        let rig = try await Rig.start()
        let terminal = try Self.terminal(rig.recorded)
        terminal.send("LISTEN news;\n")
        try await until { terminal.output.contains("LISTEN\r\n") }
        try await rig.server.psql("NOTIFY news, 'from elsewhere'")
        terminal.send("SELECT 1;\n\\q\n")
        #expect(try await terminal.wait(timeoutSeconds: 60) == .status(0))
        #expect(terminal.output.contains("\"news\" with payload \"from elsewhere\""))
        try await rig.expectVerifiedTimeline(naming: ["LISTEN news", "from elsewhere"])
    }

    private static let sleepers = """
        SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'
        """

    /// script(1) gives psql a pseudo-terminal and passes our input to it key by key. It starts psql through a shell, and dash would
    /// stay between the two and die of the Ctrl-C that is meant for psql: hence `exec`.
    private static func terminal(_ route: Route) throws -> ChildProcess {
        try .interactive(route.command("script", ["-qec", "exec psql -X -n -P pager=off", "/dev/null"]))
    }
}
