import Testing
import WireTestKit

@Suite struct ConfigCheckTests {
    /// Checks `text` as a file in a folder of its own.
    private func check(_ text: String, before: String = "") async throws -> CommandResult {
        let folder = ScratchFolder()
        defer { withExtendedLifetime(folder) {} }
        try write(text, to: folder.path + "/wiretrail.yaml")
        let script = "umask 022; \(before.isEmpty ? "true" : before) && exec '\(try await Program.path())' config check"
        return try await Command(
            "sh", ["-c", "cd '\(folder.path)' && \(script)"], environment: ["HOME": folder.path, "NO_COLOR": "1"]
        ).run()
    }

    @Test(arguments: WrongConfiguration.all)
    func `each thing that is wrong is told at its place, with its remedy`(_ wrong: WrongConfiguration) async throws {
        let result = try await check(wrong.text, before: wrong.before)
        #expect(result.exit == .status(2))
        #expect(result.output.isEmpty)
        let lines = result.errors.split(separator: "\n").map(String.init)
        let place = lines.firstIndex {
            $0.hasPrefix("wiretrail: wiretrail.yaml:\(wrong.position): ") && $0.contains(wrong.cause)
        }
        let index = try #require(place, "\(result.errors)")
        #expect(lines[index + 1].hasPrefix("  "), "\(result.errors)")
        #expect(lines[index + 1].contains(wrong.remedy), "\(result.errors)")
        #expect(!result.errors.contains("hunter2"), "what may be a secret is not repeated")
    }

    @Test func `there are at least 100 of them`() {
        #expect(WrongConfiguration.all.count >= 100)
    }

    @Test func `a valid file is told so`() async throws {
        let result = try await check(WrongConfiguration.valid)
        #expect(result.exit == .status(0))
        #expect(result.output == "wiretrail.yaml is valid: 1 listener, 1 target, 0 users, 0 rules\n")
        #expect(result.errors.isEmpty)
    }

    @Test func `all that is wrong is told, in the order of the file`() async throws {
        let text = """
            version: 1
            lisen: x
            listeners:
              - address: 127.0.0.1
                targets: [a]
            targets:
              - name: b
                url: b
            log: {level: loud, level: info}

            """
        let lines = try await check(text).errors.split(separator: "\n").filter { !$0.hasPrefix("  ") }
        let places = lines.map { $0.split(separator: ":")[2...3].joined(separator: ":") }
        #expect(places == ["2:1", "4:14", "5:15", "8:10", "9:14", "9:20"], "\(lines)")
    }

    @Test func `a file that is not there is an error with a remedy`() async throws {
        let program = try await Program()
        let result = try await program.run(["config", "check", program.home + "/none.yaml"])
        #expect(result.exit == .status(2))
        #expect(result.errors.contains("none.yaml: No such file"))
        #expect(result.errors.contains("\n  check the path"))
    }
}
