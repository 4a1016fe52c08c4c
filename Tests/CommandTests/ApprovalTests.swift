import Glibc
import Testing
import WireTestKit

/// A gateway whose rules ask, watched and decided from the command line by another person than the one who asks.
@Suite(.timeLimit(.minutes(5))) struct ApprovalTests {
    private let program: Program
    private let sandbox: PostgresSandbox
    private let port = ReservedPort()

    init() async throws {
        program = try await Program()
        sandbox = try await PostgresSandbox.start(users: [.init("app", .trust)])
        _ = try await sandbox.psql("CREATE TABLE orders (id int); GRANT ALL ON orders TO app")
    }

    private func configuration(_ verifier: String, timeout: String = "60s") -> String {
        """
        version: 1
        state: state
        listeners:
          - address: 127.0.0.1:\(port.number)
            tls: {mode: required}
        targets:
          - name: orders
            url: postgres://app@127.0.0.1:\(sandbox.port)/postgres
        identities:
          users:
            - {name: alice, verifier: "\(verifier)"}
            - {name: root, verifier: "\(verifier)"}
        rules:
          default: allow
          named:
            - {name: second-person, verdict: ask, timeout: \(timeout), statements: {kinds: [delete]}}
        recording: {folder: recordings}

        """
    }

    private func start(timeout: String = "60s") async throws -> ChildProcess {
        let made = Command(try await Program.path(), ["hash-password"], input: "correct horse\n")
        let verifier = try await made.output().prefix { $0 != "\n" }
        try write(configuration(String(verifier), timeout: timeout), to: program.home + "/wiretrail.yaml")
        let gateway = try ChildProcess(
            Command(
                try await Program.path(), ["gateway", "--config", program.home + "/wiretrail.yaml"],
                environment: ["HOME": program.home, "NO_COLOR": "1"]), scratch: program.home)
        try await until { gateway.output.contains("\n") || gateway.hasEnded }
        return gateway
    }

    private func delete(as user: String) throws -> ChildProcess {
        let place = "host=127.0.0.1 port=\(port.number) user=\(user) dbname=orders sslmode=require"
        let sql = "DELETE FROM orders RETURNING 'gone'"
        return try ChildProcess(
            Command("psql", ["-XAt", place, "-c", sql], environment: ["PGPASSWORD": "correct horse"]))
    }

    private func run(_ words: String...) async throws -> CommandResult {
        try await program.run(words + ["--config", program.home + "/wiretrail.yaml"])
    }

    /// The number of the one question that waits.
    private func question() async throws -> String {
        try await until { try await run("questions").exit == .status(0) }
        return String(try #require(try await run("questions").output.firstMatch(of: /question (\d+)/)?.1))
    }

    @Test func `a second person lets a statement go on, and all of it is in the recording`() async throws {
        _ = try await sandbox.psql("INSERT INTO orders VALUES (1)")
        let gateway = try await start()
        let psql = try delete(as: "alice")
        let number = try await question()
        let list = try await run("questions").output
        #expect(list.contains("alice") && list.contains("rule second-person") && list.contains("DELETE FROM orders"))
        try await until { psql.errors.contains("waits for question \(number)") }
        #expect(try await run("list").output.contains("asking"))
        #expect(!psql.hasEnded)
        let answer = try await run("answer", number, "allow", "--reason", "agreed in change 812")
        #expect(answer.output == "question \(number): allowed\n")
        #expect(try await psql.wait(timeoutSeconds: 60) == .status(0))
        #expect(psql.output == "gone\nDELETE 1\n")
        #expect(try await run("answer", number, "deny", "--reason", "too late").exit == .status(7))
        gateway.signal(SIGTERM)
        #expect(try await gateway.wait(timeoutSeconds: 60) == .status(0))
        let own = try await Command("id", ["-un"]).output().filter { !$0.isNewline }
        #expect(gateway.errors.contains("question answered question=\(number) decision=allow by=\(own)"))
        let place = ["--recordings", program.home + "/recordings", "--state", program.home + "/state"]
        let story = try await program.run(["timeline", "1"] + place).output
        #expect(story.contains("allowed by \(own): agreed in change 812"))
    }

    @Test func `a denied statement never reaches the server, and its sender learns why`() async throws {
        _ = try await sandbox.psql("INSERT INTO orders VALUES (1)")
        let gateway = try await start()
        let psql = try delete(as: "alice")
        let number = try await question()
        #expect(try await run("answer", number, "deny", "--reason", "use the archive").exit == .status(0))
        #expect(try await psql.wait(timeoutSeconds: 60) == .status(1))
        #expect(psql.errors.contains("second-person") && psql.errors.contains("use the archive"))
        #expect(try await sandbox.psql("SELECT count(*) FROM orders") == "1\n")
        try await until { gateway.errors.contains("request refused session=1 identity=alice target=orders") }
    }

    // The answering person is the user of the machine: root, where the tests run as root.
    @Test(.enabled(if: geteuid() == 0))
    func `nobody lets their own statement go on`() async throws {
        _ = try await sandbox.psql("INSERT INTO orders VALUES (1)")
        let gateway = try await start()
        let psql = try delete(as: "root")
        let number = try await question()
        let answer = try await run("answer", number, "allow", "--reason", "I may")
        #expect(answer.exit == .status(1))
        #expect(answer.errors.contains("root has asked this, so somebody else has to answer"))
        #expect(!psql.hasEnded)
        psql.signal(SIGKILL)
        try await until { try await run("questions").exit == .status(7) }
        #expect(try await run("answer", number, "allow", "--reason", "now?").exit == .status(7))
        #expect(try await sandbox.psql("SELECT count(*) FROM orders") == "1\n")
        #expect(!gateway.hasEnded)
    }

    @Test func `a question that nobody answers in time is a no`() async throws {
        let gateway = try await start(timeout: "1s")
        let psql = try delete(as: "alice")
        #expect(try await psql.wait(timeoutSeconds: 60) == .status(1))
        #expect(psql.errors.contains("second-person"))
        #expect(try await run("questions").exit == .status(7))
        #expect(!gateway.hasEnded)
    }

    @Test func `a reload tells which sections wait for the next start, and the others are in force`() async throws {
        let gateway = try await start()
        let path = program.home + "/wiretrail.yaml"
        let first = try #require(read(path)).split(separator: "\n").filter { !$0.hasPrefix("log:") }
        let changed =
            first + ["metrics: { address: 127.0.0.1:1 }", "log: { format: json }", "limits: { connections: 7 }"]
        try write(changed.joined(separator: "\n") + "\n", to: path)
        for _ in 0..<2 {
            #expect(
                try await run("reload").output
                    == "the configuration is in force\nwhat changed in “metrics” waits for the next start\n")
        }
        try await until { gateway.errors.contains(#""event":"configuration reloaded""#) }
        #expect(gateway.errors.contains(#""waiting":"metrics""#))
        try write(first.joined(separator: "\n") + "\n", to: path)
        #expect(try await run("reload").output == "the configuration is in force\n")
    }

    @Test func `a reload that is asked for tells what is wrong, and is refused as a whole`() async throws {
        let gateway = try await start()
        #expect(try await run("status").output.contains("configured by \(program.home)/wiretrail.yaml\n"))
        #expect(try await run("reload").output == "the configuration is in force\n")
        let good = try #require(read(program.home + "/wiretrail.yaml"))
        try write(good.replacing("default: allow", with: "defualt: allow"), to: program.home + "/wiretrail.yaml")
        let bad = try await program.run(["reload", "--state", program.home + "/state"])
        #expect(bad.exit == .status(1))
        #expect(bad.errors.firstMatch(of: /wiretrail\.yaml:\d+:\d+: .*default.*, and 1 more problem\n/) != nil)
        #expect(bad.errors.contains("wiretrail config check"))
        let psql = try delete(as: "alice")
        try await until {
            try await program.run(["questions", "--state", program.home + "/state"]).exit == .status(0)
        }
        #expect(!psql.hasEnded && !gateway.hasEnded)
        try await until { gateway.errors.contains("warning reload refused") }
    }
}
