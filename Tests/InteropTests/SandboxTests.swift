import Testing
import WireTestKit

@Suite struct SandboxTests {
    @Test func `a command's output, errors and exit status are told`() async throws {
        let result = try await Command("sh", ["-c", "cat; echo no >&2; exit 3"], input: "yes").run()
        #expect(result.output == "yes")
        #expect(result.errors == "no\n")
        #expect(result.exit == .status(3))
    }

    @Test func `a command that takes too long is killed`() async throws {
        await #expect(throws: ProcessError.self) { try await Command("sleep", ["60"]).run(timeoutSeconds: 1) }
    }

    @Test func `an interactive program answers what it is sent`() async throws {
        let shell = try ChildProcess.interactive(Command("sh"))
        shell.send("echo $((6 * 7)); exit\n")
        #expect(try await shell.wait(timeoutSeconds: 60) == .status(0))
        #expect(shell.output == "42\n")
    }

    @Test(arguments: PostgresSandbox.User.Method.allCases)
    func `each role logs in over TCP by its own method only`(_ method: PostgresSandbox.User.Method) async throws {
        let user = PostgresSandbox.User("alice", method, password: "correct horse")
        let sandbox = try await PostgresSandbox.start(users: [user])
        let words = ["-X", "-At", "-h", "127.0.0.1", "-p", "\(sandbox.port)", "-U", "alice", "-d", "postgres"]
        let good = Command(
            "psql", words + ["-c", "SELECT current_user"], environment: ["PGPASSWORD": "correct horse"])
        #expect(try await good.output() == "alice\n")
        let bad = Command("psql", words + ["-c", "SELECT 1"], environment: ["PGPASSWORD": "wrong"])
        #expect(try await bad.run().exit == .status(method == .trust ? 0 : 2))
    }
}
