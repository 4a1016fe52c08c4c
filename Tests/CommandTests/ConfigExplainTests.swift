import Testing
import WireTestKit

@Suite struct ConfigExplainTests {
    /// The manual's own rules.
    private static func configuration() throws -> String {
        let manual = try #require(read(Repository.root + "/docs/rules.md"))
        let rules = try #require(manual.split(separator: "```yaml\n").last?.split(separator: "```").first)
        let users = "identities: {users: [{name: dora, groups: [dba], verifier: \"\(WrongConfiguration.verifier)\"}]}\n"
        return WrongConfiguration.valid + users + rules
    }

    private func explain(_ words: [String]) async throws -> CommandResult {
        let folder = ScratchFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path + "/wiretrail.yaml"
        try write(Self.configuration(), to: path)
        return try await Program.shared.value.run(["config", "explain", "--config", path] + words)
    }

    @Test func `the manual's example says what the manual says`() async throws {
        let result = try await explain(["--as", "alice", "--target", "orders", "DELETE FROM lines"])
        let manual = try #require(read(Repository.root + "/docs/rules.md"))
        #expect(result.exit == .status(0))
        #expect(manual.contains("\n" + result.output), "\(result.output)\(result.errors)")
    }

    @Test(arguments: [
        (["--as", "ann", "--group", "dba"], "DROP TABLE x", "allow: rule “administrators” decides\n"),
        (["--as", "dora"], "DROP TABLE x", "allow: rule “administrators” decides\n"),
        (["--as", "ann"], "DROP TABLE x", "ask: rule “four-eyes” decides, because of this: DROP on x\n"),
        (["--as", "ann"], "SELECT 1", "allow: no rule speaks against it\n"),
        (["--as", "ann"], "SELEC 1", "deny: rule “whole-tables” decides, because of this: it cannot be parsed"),
    ])
    func `the rule that decides is named`(_ who: [String], _ sql: String, _ says: String) async throws {
        let result = try await explain(who + ["--target", "orders", sql])
        #expect(result.output.hasPrefix(says), "\(result.output)\(result.errors)")
    }

    @Test func `what the gateway reads in a statement is there for programs`() async throws {
        let result = try await explain(["--as", "a", "--target", "orders", "--json", "UPDATE t SET x = now()"])
        #expect(result.output.contains(#""does":["UPDATE without WHERE on t"]"#))
        #expect(result.output.contains(#""functions":["now"]"#))
        #expect(result.output.contains(#""verdict":"deny""#))
    }

    @Test(arguments: [
        (["--target", "orders"], "nobody is named"), (["--as", "a", "--target", "none"], "there is no target “none”"),
        (["--as", "a", "--target", "orders", "--at", "noon"], "that is no time"),
    ])
    func `who, where and when have to make sense`(_ words: [String], _ says: String) async throws {
        let result = try await explain(words + ["SELECT 1"])
        #expect(result.exit == .status(2))
        #expect(result.errors.contains(says))
    }

    // MARK: Requests

    private func explainRequest(_ words: [String]) async throws -> CommandResult {
        let manual = try #require(read(Repository.root + "/docs/rules-http.md"))
        let rules = try #require(manual.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
        let folder = ScratchFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path + "/wiretrail.yaml"
        let target = "  - {name: files, protocol: http, url: \"http://tools.internal:9000/mcp\"}\n"
        try write(WrongConfiguration.valid + target + rules, to: path)
        let result = try await Program.shared.value.run(["config", "explain", "--config", path] + words)
        #expect(result.exit == .status(0))
        return result
    }

    @Test(arguments: [#"tools/call read_file {"path": "/etc/passwd"}"#, "GET /admin"])
    func `the manual's examples of requests say what the manual says`(_ request: String) async throws {
        let result = try await explainRequest(["--as", "alice", "--target", "files", request])
        let manual = try #require(read(Repository.root + "/docs/rules-http.md"))
        let line = "$ wiretrail config explain --as alice --target files '\(request)'\n\(result.output)"
        #expect(manual.contains(line), "\(result.output)\(result.errors)")
    }

    @Test(arguments: [
        ("POST /admin/x", "deny: rule “no-administration” decides, because of this: POST /admin/x"),
        ("POST /x/..%2fadmin", "deny: rule “no-administration”"), ("tools/call delete_all", "ask: rule “four-eyes”"),
        ("tools/list", "allow: no rule"), ("prompts/get", "allow: no rule"),
    ])
    func `the rule that decides about a request is named`(_ request: String, _ says: String) async throws {
        let result = try await explainRequest(["--as", "ann", "--target", "files", request])
        #expect(result.output.hasPrefix(says), "\(result.output)\(result.errors)")
    }
}
