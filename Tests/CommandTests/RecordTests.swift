import Glibc
import Testing
import WireTestKit

/// `wiretrail record` from outside: what it prints, when it ends, and with which exit code.
@Suite struct RecordTests {
    /// Nobody listens on port 1, and nobody is asked before a client comes.
    private static let nowhere = "postgres://alice@127.0.0.1:1/shop"

    /// A gateway and the address on its first line.
    private func start(
        _ program: Program, _ words: [String], _ variables: [String: String] = [:]
    ) async throws -> (process: ChildProcess, address: String) {
        let all = ["HOME": program.home, "NO_COLOR": "1", "PGPASSWORD": ""].merging(variables) { $1 }
        let process = try ChildProcess(
            Command(try await Program.path(), ["record"] + words, environment: all), scratch: program.home)
        try await until { process.output.contains("\n") || process.hasEnded }
        return (process, String(process.output.prefix { $0 != "\n" }))
    }

    @Test func `the first line is an address that psql takes as it is`() async throws {
        let user = PostgresSandbox.User("al ice", .scram, password: "correct horse")
        let sandbox = try await PostgresSandbox.start(users: [user])
        let (gateway, address) = try await start(
            Program(), ["postgres://al%20ice@127.0.0.1:\(sandbox.port)/postgres", "--listen", "127.0.0.1:0"],
            ["PGPASSWORD": "correct horse"])
        let psql = Command(
            "psql", ["-XAt", address, "-c", "SELECT current_user, current_database()"], environment: ["PGPASSWORD": ""])
        #expect(try await psql.output() == "al ice|postgres\n")
        gateway.signal(SIGTERM)
        #expect(try await gateway.wait(timeoutSeconds: 60) == .status(0))
        #expect(gateway.errors.contains("all recordings are sealed"))
        #expect(!gateway.errors.contains("correct horse"))
    }

    @Test func `a Unix socket is printed as psql finds it`() async throws {
        let program = try await Program()
        let socket = program.home + "/.s.PGSQL.6432"
        let (gateway, address) = try await start(program, [Self.nowhere, "--listen", socket])
        let folder = program.home.replacing("/", with: "%2F")
        #expect(address == "postgres://alice@\(folder):6432/shop")
        let psql = try await Command("psql", ["-X", address, "-c", "SELECT 1"]).run()
        #expect(psql.errors.contains("127.0.0.1:1"), "it connects, and is told that the server is not there")
        gateway.signal(SIGINT)
        #expect(try await gateway.wait(timeoutSeconds: 60) == .status(0))
    }

    @Test func `a port that is taken is an error only when it was asked for`() async throws {
        let holder = try await start(Program(), [Self.nowhere, "--listen", "127.0.0.1:0"])
        let taken = try #require(holder.address.split(separator: ":").last?.prefix { $0 != "/" })
        let asked = try await Program().run(["record", Self.nowhere, "--listen", "127.0.0.1:\(taken)"])
        #expect(asked.exit == .status(1))
        #expect(asked.errors.contains("cannot listen on 127.0.0.1:\(taken)"))
        #expect(asked.errors.contains("--listen 127.0.0.1:0"))
        // Of two that take the default, at least one has to move.
        let first = try await start(Program(), [Self.nowhere])
        let second = try await start(Program(), [Self.nowhere])
        #expect(first.address != second.address)
        #expect(first.address.hasPrefix("postgres://alice@127.0.0.1:"))
        #expect(second.address.hasPrefix("postgres://alice@127.0.0.1:"))
    }

    @Test func `two gateways do not share a state folder`() async throws {
        let program = try await Program()
        let (gateway, _) = try await start(program, [Self.nowhere, "--listen", "127.0.0.1:0"])
        let second = try await program.run(["record", Self.nowhere, "--listen", "127.0.0.1:0"])
        #expect(second.exit == .status(1))
        #expect(second.errors.contains("is in use by"))
        #expect(second.errors.contains("--state DIR"))
        #expect(!gateway.hasEnded)
    }

    @Test func `a second signal ends at once, and the next start seals what was left`() async throws {
        let sandbox = try await PostgresSandbox.start()
        let program = try await Program()
        let home = try await temporaryDirectory("home")
        let target = "postgres://postgres@127.0.0.1:\(sandbox.port)/postgres"
        let words = [
            target, "--listen", "127.0.0.1:0", "--state", home + "/state", "--recordings", home + "/recordings",
        ]
        let (gateway, address) = try await start(program, words)
        let psql = try ChildProcess(Command("psql", ["-X", address, "-c", "SELECT pg_sleep(60)"]))
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
        while try await sandbox.psql(sleeping) != "1\n" { #expect(!psql.hasEnded) }
        gateway.signal(SIGTERM)
        try await until { gateway.errors.contains("once more to end at once") }
        gateway.signal(SIGTERM)
        #expect(try await gateway.wait(timeoutSeconds: 60) == .status(1))
        #expect(gateway.errors.contains("the next start seals what was left"))
        try await psql.wait(timeoutSeconds: 60)
        let (next, _) = try await start(Program(), words)
        try await until { next.errors.contains("sealed 1 recording") }
        next.signal(SIGTERM)
        #expect(try await next.wait(timeoutSeconds: 60) == .status(0))
        let sealed = try await program.run(["verify", home + "/recordings", "--state", home + "/state"])
        #expect(sealed.exit == .status(0))
        try await Command("rm", ["-rf", home]).output()
    }

    @Test func `a timeline follows a session until it ends`() async throws {
        let sandbox = try await PostgresSandbox.start()
        let program = try await Program()
        let home = try await temporaryDirectory("home")
        let target = "postgres://postgres@127.0.0.1:\(sandbox.port)/postgres"
        let place = ["--state", home + "/state", "--recordings", home + "/recordings"]
        let (gateway, address) = try await start(program, [target, "--listen", "127.0.0.1:0"] + place)
        let psql = try ChildProcess.interactive(Command("psql", ["-XAt", address]))
        psql.send("SELECT 'first';\n")
        try await until { psql.output.contains("first") }
        let young = try await program.run(["verify", home + "/recordings", "--state", home + "/state"])
        #expect(young.exit == .status(4), "what has just begun is neither missing nor complete: \(young.output)")
        let follower = try ChildProcess(
            Command(
                try await Program.path(), ["timeline", "1", "--follow"] + place,
                environment: ["HOME": home, "NO_COLOR": "1"]))
        try await until { follower.output.contains("first") || follower.hasEnded }
        psql.send("SELECT 'second';\n\\q\n")
        #expect(try await psql.wait(timeoutSeconds: 60) == .status(0))
        #expect(try await follower.wait(timeoutSeconds: 60) == .status(0))
        #expect(follower.output.contains("SELECT 'second'"))
        #expect(follower.output.contains("the recording is complete"))
        gateway.signal(SIGTERM)
        #expect(try await gateway.wait(timeoutSeconds: 60) == .status(0))
        try await Command("rm", ["-rf", home]).output()
    }

    @Test func `a password in the URL works and is warned of, never repeated`() async throws {
        let (gateway, address) = try await start(
            Program(), ["postgres://alice:hunter2@127.0.0.1:1/shop", "--listen", "127.0.0.1:0"])
        try await until { gateway.errors.contains("~/.pgpass") }
        #expect(gateway.errors.contains("warning:"))
        #expect(!(gateway.errors + address).contains("hunter2"))
    }

    @Test func `without a user in the URL it is PGUSER, as for psql`() async throws {
        let (gateway, address) = try await start(
            Program(), ["postgres://127.0.0.1:1/shop", "--listen", "[::1]:0"], ["PGUSER": "bob"])
        #expect(address.hasPrefix("postgres://bob@[::1]:"))
        #expect(!gateway.hasEnded)
    }
}
