import Testing
import WireTestKit

/// `sessions` and `catalog rebuild` on recordings that a gateway made.
@Suite struct SessionsTests {
    /// A drained gateway's home: psql connected twice.
    private func recorded() async throws -> Program {
        let sandbox = try await PostgresSandbox.start()
        let program = try await Program()
        let gateway = try await WiretrailProcess.record(
            "postgres://postgres@127.0.0.1:\(sandbox.port)/postgres", directory: program.home)
        for number in 1...2 {
            let target = "postgres://postgres@127.0.0.1:\(gateway.port)/postgres"
            #expect(try await Command("psql", ["-XAt", target, "-c", "SELECT \(number)"]).output() == "\(number)\n")
        }
        #expect(try await gateway.drain() == .status(0))
        return program
    }

    private func run(_ program: Program, _ words: String...) async throws -> CommandResult {
        try await program.run(
            words.flatMap { $0.split(separator: " ") }.map(String.init)
                + ["--recordings", program.home + "/recordings", "--state", program.home + "/state"])
    }

    @Test func `sessions are listed, filtered, and found again after the catalog is lost`() async throws {
        let program = try await recorded()
        let list = try await run(program, "sessions")
        #expect(list.exit == .status(0))
        let rows = list.output.split(separator: "\n")
        #expect(rows.count == 3)
        #expect(rows[0].hasPrefix("SESSION"))
        #expect(rows[1].hasPrefix("1 ") && rows[1].hasSuffix("closed"))
        #expect(rows[2].hasPrefix("2 ") && rows[2].hasSuffix("closed"))

        let latest = try await run(program, "sessions --json --limit 1")
        #expect(latest.output.contains(#""session":2"#))
        #expect(latest.output.contains(#""v":1"#))
        #expect(try await run(program, "sessions --from 1h --protocol postgres").output == list.output)
        #expect(try await run(program, "sessions --to 1h").exit == .status(7))
        #expect(try await run(program, "sessions --identity nobody").exit == .status(7))

        try await Command("sh", ["-c", "rm \(program.home)/state/catalog.sqlite*"]).output()
        #expect(try await run(program, "sessions").output == list.output)
        try write(
            "no database at all, and long enough to be taken for one".padded(to: 4096),
            to: program.home + "/state/catalog.sqlite")
        #expect(try await run(program, "sessions").output == list.output)
        #expect(try await run(program, "catalog rebuild").output == "the catalog has 2 sessions\n")
        #expect(try await run(program, "sessions").output == list.output)
        try await Command("rm", ["-rf", program.home]).output()
    }

    @Test func `a recording that is gone is listed no more, and verify misses it`() async throws {
        let program = try await recorded()
        _ = try await run(program, "sessions")
        #expect(try await run(program, "verify \(program.home)/recordings").exit == .status(0))
        try await Command("sh", ["-c", "rm $(find \(program.home)/recordings -name '*.wtr' | sort | head -1)"]).output()
        #expect(try await run(program, "sessions").output.split(separator: "\n").count == 2)
        let verified = try await run(program, "verify \(program.home)/recordings")
        #expect(verified.exit == .status(3))
        #expect(verified.output.contains("MISSING"))
        #expect(verified.output.contains("session 1"))
        try await Command("rm", ["-rf", program.home]).output()
    }

    @Test func `verify trusts nobody but those that it is told to`() async throws {
        let program = try await recorded()
        let key = try await program.run(["keys", "--pem", "--state", program.home + "/state"]).output
        #expect(key.hasPrefix("-----BEGIN PUBLIC KEY-----"))
        try write(key, to: program.home + "/gateway.pem")
        let folder = program.home + "/recordings"
        // The home's own state folder does not exist: nobody is trusted.
        let unknown = try await program.run(["verify", folder])
        #expect(unknown.exit == .status(5))
        #expect(unknown.output.contains("wiretrail keys trust"))
        #expect(try await program.run(["verify", folder, "--key", program.home + "/gateway.pem"]).exit == .status(0))
        #expect(
            try await program.run(["keys", "trust", program.home + "/gateway.pem", "--name", "here"]).exit == .status(0)
        )
        #expect(try await program.run(["verify", folder]).exit == .status(0))
        #expect(try await program.run(["keys", "distrust", "here"]).exit == .status(0))
        #expect(try await program.run(["verify", folder]).exit == .status(5))
        try await Command("rm", ["-rf", program.home]).output()
    }

    @Test func `a changed byte is told with its place`() async throws {
        let program = try await recorded()
        let file = try #require(
            try await Command("sh", ["-c", "find \(program.home)/recordings -name '*.wtr' | sort"]).output()
                .split(separator: "\n").first.map(String.init))
        try await Command("sh", ["-c", "printf x | dd of=\(file) bs=1 seek=150 conv=notrunc status=none"]).output()
        let verified = try await run(program, "verify", file)
        #expect(verified.exit == .status(3))
        #expect(verified.output.contains("ALTERED"))
        #expect(verified.output.contains("(byte "))
        try await Command("rm", ["-rf", program.home]).output()
    }
}

extension String {
    fileprivate func padded(to count: Int) -> String {
        self + String(repeating: ".", count: max(0, count - self.count))
    }
}
