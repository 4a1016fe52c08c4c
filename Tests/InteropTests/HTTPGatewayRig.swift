import Protocols
import Testing
import WireTestKit

/// A gateway with HTTP targets and rules, before a server that tells what reached it. Alice and bob have tokens.
struct HTTPGatewayRig {
    static let tokens = ["alice": "alice-has-this-token-of-many-letters", "bob": "bob-has-this-token-of-many-letters"]
    static let upstreamToken = "the-gateway-has-this-token-at-the-server"

    let server: ServerProgram
    let gateway: WiretrailProcess
    private let folder: String

    /// - Parameters:
    ///   - server: an MCP server whose endpoint is /mcp; `nil`: the one that tells.
    ///   - path: where that lies on the gateway; "/": all that the server has.
    ///   - listener: what it says beside its address and protocol.
    ///   - identities: those that there are beside alice's and bob's tokens.
    init(
        rules: String = Self.rules, before server: ServerProgram? = nil, path: String = "/files",
        listener: String = "logins: [token], origins: [\"https://app.example\"]", identities: String = ""
    ) async throws {
        if let server {
            self.server = server
        } else {
            self.server = try await ServerProgram.start("python3", ["tools.py"])
        }
        folder = try await temporaryDirectory("http-gateway")
        try write(Self.upstreamToken + "\n", to: folder + "/upstream")
        _ = try await Command("chmod", ["600", folder + "/upstream"]).run()
        gateway = try await WiretrailProcess.gateway(
            try await Self.configuration(self.server.port, rules, path, listener, identities), in: folder)
    }

    private static func configuration(
        _ port: UInt16, _ rules: String, _ path: String, _ listener: String, _ identities: String
    ) async throws -> String {
        var users: [String] = []
        for name in ["alice", "bob"] {
            let hash = try await Command("sh", ["-c", "printf %s '\(tokens[name] ?? "")' | sha256sum"]).output()
            users.append("    - {name: \(name), sha256: \(hash.prefix(64))}")
        }
        return """
            version: 1
            listeners:
              - {address: "127.0.0.1:0", protocol: http, \(listener)}
            targets:
              - name: files
                protocol: http
                url: "http://127.0.0.1:\(port)\(path == "/" ? "" : "/mcp")"
                path: \(path)
                credential: {tokenFile: upstream}
              - {name: vault, protocol: http, url: "http://127.0.0.1:\(port)", path: /vault, allowed: {users: [bob]}}
            identities:
              tokens:
            \(users.joined(separator: "\n"))
              \(identities)
            recording: {secretParameters: [ticket]}
            \(rules)
            """
    }

    static let rules = """
        rules:
          default: allow
          named:
            - {name: no-deletes, verdict: deny, requests: {tools: ["delete_*"]}, reason: "ask Ann"}
            - {name: payments, verdict: ask, requests: {tools: [pay]}}
            - {name: no-admin, verdict: deny, requests: {paths: ["/files/admin/*"]}}
        """

    func address(_ path: String) -> String { "http://127.0.0.1:\(gateway.port)\(path)" }

    static func bearer(_ name: String) -> [String] { ["-H", "Authorization: Bearer \(tokens[name] ?? "")"] }

    /// What curl shows of an answer, head and content.
    func curl(_ words: [String], _ path: String = "/files") async throws -> String {
        try await Command("curl", ["-sS", "-i", "-m", "60", "--path-as-is"] + words + [address(path)]).run().output
    }

    /// Calls as `name`.
    func call(_ body: String, as name: String = "alice", _ words: [String] = []) async throws -> String {
        try await curl(Self.bearer(name) + ["-H", "Content-Type: application/json", "-d", body] + words)
    }

    /// Answers the question that is asked next.
    func answer(_ answer: String, _ reason: String = "fine") async throws {
        var questions = ""
        try await until {
            questions = try await gateway.run(["questions"]).output
            return questions.contains("the tool ")
        }
        let number = String(questions.split(separator: " ")[1])
        #expect(try await gateway.run(["answer", number, answer, "--reason", reason]).exit == .status(0))
    }

    static func tool(_ name: String) -> String {
        #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"\#(name)"}}"#
    }

    /// All that the server has been asked, as text.
    func seen() async throws -> String {
        try await Command("curl", ["-sS", "http://127.0.0.1:\(server.port)/seen"]).output()
    }

    /// The recordings' contents, once the gateway has ended; with what notes hold of the other leg, as it was.
    func recorded() async throws -> String {
        _ = try await gateway.drain()
        let command = "find '\(gateway.recordings)' -name '*.wtr' -exec lz4 -dc {} \\; | strings -n 1"
        let text = try await Command("sh", ["-c", command]).run().output
        let legs = text.matches(of: /"otherLeg":"([A-Za-z0-9+\/=]*)"/).compactMap { Base64.decode(String($0.1)) }
        return text + legs.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }
}
