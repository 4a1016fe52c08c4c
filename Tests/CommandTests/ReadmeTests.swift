import Glibc
import Testing
import WireTestKit

@testable import wiretrail

/// What the README tells people to type.
@Suite struct ReadmeTests {
    /// The lines in its fenced blocks of shell.
    private static func commandLines() throws -> [String] {
        let text = try #require(read(Repository.root + "/README.md"))
        var lines: [String] = []
        var isShell = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("```") { isShell = line == "```sh" } else if isShell { lines.append(String(line)) }
        }
        return lines
    }

    @Test func `a fresh machine takes two commands`() throws {
        #expect(try Self.commandLines().prefix(2) == ["make demo", "make test"])
    }

    @Test func `its table names every command`() throws {
        let text = try #require(read(Repository.root + "/README.md"))
        for command in Wiretrail.commands {
            #expect(text.contains("`\(command.name)") || text.contains(" \(command.name)"))
        }
    }

    @Test func `its examples work as they stand there`() async throws {
        let sandbox = try await PostgresSandbox.start(users: [.init("alice", .scram, password: "correct horse")])
        try await sandbox.psql("CREATE DATABASE shop OWNER alice")
        let program = try await Program()
        try write("127.0.0.1:\(sandbox.port):shop:alice:correct horse\n", to: program.home + "/.pgpass")
        let examples = try Self.commandLines().dropFirst(2).map { $0.replacing("5432", with: "\(sandbox.port)") }
        try #require(examples.count >= 7)
        let path = try await Program.path().split(separator: "/").dropLast().joined(separator: "/")
        let variables = ["HOME": program.home, "PATH": "/\(path):\(environment("PATH") ?? "")", "NO_COLOR": "1"]

        #expect(examples[0].hasPrefix("wiretrail record "))
        let gateway = try ChildProcess(
            Command("sh", ["-c", "exec \(examples[0])"], environment: variables), scratch: program.home)
        try await until { gateway.output.contains("\n") }
        let address = gateway.output.prefix { $0 != "\n" }

        #expect(examples[1].hasPrefix("psql postgres://alice@127.0.0.1:6432/shop"))
        try await Command(
            "sh", ["-c", "psql -v ON_ERROR_STOP=1 \(address)"],
            environment: variables.merging(["PGPASSFILE": "/dev/null"]) { $1 },
            input: "create table t (a int);\ndrop table t;\n"
        ).output()
        gateway.signal(SIGTERM)
        #expect(try await gateway.wait(timeoutSeconds: 60) == .status(0))

        for line in examples.dropFirst(2) {
            let output = try await Command("bash", ["-o", "pipefail", "-c", line], environment: variables).output()
            #expect(!output.isEmpty, "\(line)")
        }
    }
}
