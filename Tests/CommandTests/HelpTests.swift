import Testing
import WireTestKit

@testable import wiretrail

@Suite struct HelpTests {
    private func help(_ words: [String]) async throws -> String {
        let result = try await Program.shared.value.run(words)
        #expect(result.exit == .status(0))
        #expect(result.errors.isEmpty)
        return result.output
    }

    @Test func `the overview names every command, every exit code and how to begin`() async throws {
        let page = try await help(["--help"])
        for command in Wiretrail.commands { #expect(page.contains("\n  \(command.name) ")) }
        for code in ExitCode.allCases { #expect(page.contains(code.meaning)) }
        #expect(page.contains("wiretrail record postgres://"))
        #expect(try await help(["help"]) == page)
        #expect(try await help(["-h"]) == page)
    }

    @Test(arguments: Wiretrail.commands.map(\.name))
    func `each command's help tells all of it, by an example, too`(_ name: String) async throws {
        let words = name.split(separator: " ").map(String.init)
        let page = try await help(words + ["--help"])
        #expect(try await help(["help"] + words) == page)
        let command = try #require(Wiretrail.commands.first { $0.name == name })
        for option in command.allOptions { #expect(page.contains("  \(option.usage)")) }
        for operand in command.operands { #expect(page.contains(operand.name)) }
        for code in command.exits { #expect(page.contains(code.meaning)) }
        #expect(!command.examples.isEmpty)
        for example in command.examples { #expect(page.contains(example.line)) }
        let own = Set(command.examples.map { "  \($0.line)" } + ["  \(command.usage)"])
        for line in page.split(separator: "\n").map(String.init) where !own.contains(line) { #expect(line.count <= 80) }
    }

    /// An example that the parser refuses would be worse than none.
    @Test(arguments: Wiretrail.commands.flatMap(\.examples).map(\.line))
    func `each example is a command line that parses`(_ line: String) throws {
        let words = Self.words(of: line)
        guard words.first == "wiretrail" else { return }
        let own = words.dropFirst().prefix { !["|", ">", "2>"].contains($0) }
        _ = try ArgumentParser(commands: Wiretrail.commands).parse(Array(own))
    }

    /// As a shell splits it: at spaces, but not between single quotes.
    private static func words(of line: String) -> [String] {
        line.split(separator: "'", omittingEmptySubsequences: false).enumerated().flatMap { place, part in
            place % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
    }

    @Test func `the version is told`() async throws {
        #expect(try await help(["--version"]).hasPrefix("Wiretrail "))
    }

    @Test func `help is plain where NO_COLOR or a pipe asks for it`() async throws {
        #expect(try await !Program.shared.value.run(["--help"], ["NO_COLOR": ""]).output.contains("\u{1b}"))
    }
}
