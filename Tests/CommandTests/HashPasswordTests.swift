import Protocols
import Testing
import WireTestKit

@Suite struct HashPasswordTests {
    private func run(_ input: String, _ words: [String] = []) async throws -> CommandResult {
        try await Command(try await Program.path(), ["hash-password"] + words, input: input).run()
    }

    @Test func `PostgreSQL takes the verifier, and lets the password in`() async throws {
        let verifier = try await run("correct horse\nnot this line\n").output.trimmed
        let sandbox = try await PostgresSandbox.start(users: [.init("alice", .scram, password: "another")])
        try await sandbox.psql("ALTER ROLE alice PASSWORD '\(verifier)'")
        #expect(
            try await sandbox.psql("SELECT rolpassword FROM pg_authid WHERE rolname = 'alice'").trimmed == verifier)
        let url = "postgres://alice@127.0.0.1:\(sandbox.port)/postgres"
        let right = try await Command("psql", [url, "-c", ""], environment: ["PGPASSWORD": "correct horse"]).run()
        #expect(right.exit == .status(0), "\(right.errors)")
        let wrong = try await Command("psql", [url, "-c", ""], environment: ["PGPASSWORD": "another"]).run()
        #expect(wrong.exit == .status(2))
    }

    @Test(arguments: ["p\u{E4}ssw\u{F6}rt \u{FB01}x", "pa\u{308}sswo\u{308}rt\u{A0}fi\u{AD}x"])
    func `a password beyond ASCII is the same however it is typed`(_ typed: String) async throws {
        let verifier = try await run("p\u{E4}ssw\u{F6}rt fix").output.trimmed
        let sandbox = try await PostgresSandbox.start(users: [.init("alice", .scram, password: "another")])
        try await sandbox.psql("ALTER ROLE alice PASSWORD '\(verifier)'")
        let url = "postgres://alice@127.0.0.1:\(sandbox.port)/postgres"
        let login = try await Command("psql", [url, "-c", ""], environment: ["PGPASSWORD": typed]).run()
        #expect(login.exit == .status(0), "\(login.errors)")
    }

    @Test func `each verifier has a salt of its own`() async throws {
        let verifiers = try await [run("same"), run("same\n")].compactMap { SCRAMVerifier($0.output.trimmed) }
        #expect(verifiers.count == 2)
        #expect(Set(verifiers.map(\.salt)).count == 2)
        #expect(verifiers.allSatisfy { $0.iterations == 4096 && $0.salt.count == 16 })
    }

    @Test func `guessing can be made dearer`() async throws {
        let result = try await run("secret", ["--iterations", "100000"])
        #expect(SCRAMVerifier(result.output.trimmed)?.iterations == 100_000)
    }

    @Test(
        arguments: [
            ("", [], "no password was given"),
            ("\n", [], "no password was given"),
            ("pass\u{200E}ä", [], "characters that passwords may not have"),
            ("pass\tword", [], "characters that passwords may not have"),
            (String(repeating: "x", count: 1025), [], "more than 1024 bytes"),
            ("secret", ["--iterations", "4095"], "--iterations cannot be 4095"),
            ("secret", ["--iterations", "10000000"], "--iterations cannot be 10000000"),
        ] as [(String, [String], String)])
    func `what makes no good verifier is refused`(_ input: String, _ words: [String], _ cause: String) async throws {
        let result = try await run(input, words)
        #expect(result.exit == .status(2))
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(cause))
        #expect(input.isEmpty || !result.errors.contains("secret"))
    }

    @Test func `a terminal shows no password, and shows again what is typed afterwards`() async throws {
        let terminal = try await terminal()
        try await terminal.answer("Password: ", "correct horse")
        try await terminal.answer("The same again: ", "correct horse")
        #expect(try await terminal.wait(timeoutSeconds: 60) == .status(0))
        #expect(!terminal.output.contains("correct horse"))
        #expect(terminal.output.contains("SCRAM-SHA-256$4096:"))
        #expect(terminal.output.contains(" echo "), "stty tells of the terminal's state")
    }

    @Test func `two passwords that differ make nothing`() async throws {
        let terminal = try await terminal()
        try await terminal.answer("Password: ", "one")
        try await terminal.answer("The same again: ", "two")
        _ = try await terminal.wait(timeoutSeconds: 60)
        #expect(terminal.output.contains("the two passwords differ"))
        #expect(!terminal.output.contains("SCRAM-SHA-256"))
        #expect(terminal.output.contains(" echo "))
    }

    /// script(1) gives the program a pseudo-terminal; stty tells afterwards what it left of it.
    private func terminal() async throws -> ChildProcess {
        let words = "'\(try await Program.path())' hash-password; stty -a"
        return try .interactive(Command("script", ["-qec", words, "/dev/null"]))
    }
}

extension ChildProcess {
    fileprivate func answer(_ question: String, _ line: String) async throws {
        try await until { output.contains(question) }
        send(line + "\n")
    }
}

extension String {
    fileprivate var trimmed: String { String(prefix { $0 != "\n" }) }
}
