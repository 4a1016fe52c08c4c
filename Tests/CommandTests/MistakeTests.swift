import Testing
import WireTestKit

/// A mistake that a user makes, and what must be said of it.
struct Mistake: Sendable, CustomTestStringConvertible {
    /// The words after `wiretrail`; `~` stands for the home folder of the test.
    let words: String
    let code: Int32
    let cause: String
    let remedy: String
    /// Shell commands that run before, in the home folder.
    var before = ""

    init(_ words: String, _ code: Int32, _ cause: String, _ remedy: String, before: String = "") {
        (self.words, self.code, self.cause, self.remedy, self.before) = (words, code, cause, remedy, before)
    }

    var testDescription: String { before.isEmpty ? words : "\(before); wiretrail \(words)" }
}

@Suite struct MistakeTests {
    @Test(arguments: Mistake.all)
    func `each mistake is told with its cause and its remedy`(_ mistake: Mistake) async throws {
        let program = try await Program()
        let shell = "cd '\(program.home)' && \(mistake.before.isEmpty ? "true" : mistake.before)"
        try await Command("sh", ["-c", shell], environment: ["HOME": program.home]).output()
        func inHome(_ text: some StringProtocol) -> String { String(text).replacing("~", with: program.home) }
        let words = mistake.words.split(separator: " ").map(inHome)
        let result = try await program.run(words)
        #expect(result.exit == .status(mistake.code))
        #expect(result.output.isEmpty || mistake.code > 2, "standard output is for what was asked for")
        let lines = (result.errors + result.output).split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.contains(inHome(mistake.cause)) }, "\(lines)")
        #expect(lines.contains { $0.contains(mistake.remedy) }, "\(lines)")
        if mistake.code <= 2 {
            #expect(lines.first?.hasPrefix("wiretrail: ") == true)
            #expect(lines.dropFirst().first?.hasPrefix("  ") == true)
        }
        try await Command("rm", ["-rf", program.home]).output()
    }

    @Test func `there are at least 40 of them`() {
        #expect(Mistake.all.count >= 40)
    }

    @Test func `a full disk behind standard output is no success`() async throws {
        let path = try await Program.path()
        let result = try await Command("sh", ["-c", "'\(path)' --help > /dev/full"]).run()
        #expect(result.exit == .status(1))
        #expect(result.errors.contains("cannot write to standard output"))
    }

    @Test func `a reader that goes away is no error to talk about`() async throws {
        let path = try await Program.path()
        // The reader has ended before there is anything to read.
        let script = "trap '' PIPE; exec 3> >(:); wait $!; '\(path)' --help >&3; echo $? >&2"
        let result = try await Command("bash", ["-c", script]).run()
        #expect(result.errors == "141\n")
    }
}
