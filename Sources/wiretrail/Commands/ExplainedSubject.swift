import Adapters
import Gateway
import Protocols

/// What `wiretrail config explain` is asked about, read as the gateway reads it.
enum ExplainedSubject {
    case statements(SQLFacts)
    case request(RequestFacts)

    /// - Parameter text: SQL; for a target that speaks HTTP "METHOD PATH", or a JSON-RPC method.
    init(_ text: String, at target: Settings.Target) throws(Failure) {
        switch target.url {
        case .postgres: self = .statements(SQLParser.facts(of: Array(text.utf8).span))
        case .http(let url): self = .request(try Self.request(text, url.path))
        }
    }

    private static func request(_ text: String, _ path: String) throws(Failure) -> RequestFacts {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard let first = words.first else { throw .usage("the request is empty", "write: 'GET /path'") }
        if words.count == 2, words[1].hasPrefix("/") || words[1] == "*" { return RequestFacts(first, words[1]) }
        let call = first == "tools/call" ? try toolCall(words.dropFirst().first ?? "") : RPCCall(first)
        return RequestFacts("POST", path, content: .calls([call], isBatch: false))
    }

    private static func toolCall(_ text: String) throws(Failure) -> RPCCall {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard let name = words.first else {
            throw .usage("the tool is not named", "write: 'tools/call NAME {\"argument\": \"value\"}'")
        }
        guard words.count == 2 else { return .tool(name) }
        do throws(JSONFault) { return .tool(name, try JSON.parse(words[1])) } catch {
            throw .usage("the arguments are \(error)", "write them as an object: {\"path\": \"/tmp\"}")
        }
    }

    func judgement(_ rules: CallerRules, at time: Int64) -> Judgement {
        switch self {
        case .statements(let facts): rules.judge(facts, at: time)
        case .request(let facts): rules.judge(facts, at: time)
        }
    }

    /// What was read, for programs.
    var members: [String: JSON] {
        switch self {
        case .statements(let facts): ["statements": .array(facts.statements.map(\.json))]
        case .request(let facts):
            [
                "method": .string(facts.methods[0]), "path": .string(facts.paths[0].text),
                "ambiguous": .bool(facts.paths[0].isAmbiguous),
            ]
        }
    }

    /// What was read, for people.
    var lines: [String] {
        switch self {
        case .statements(let facts): facts.statements.map(\.lines)
        case .request(let facts):
            facts.paths[0].isAmbiguous ? ["  unseen: a path that servers read differently"] : []
        }
    }
}

extension SQLStatement {
    private var columnNames: [String] { (usesAllColumns ? ["*"] : []) + columns.sorted() }

    fileprivate var lines: String {
        let parts = [
            ("does", accesses.map { Judgement.Cause.access($0).description }), ("columns", columnNames),
            ("functions", functions.map(\.description)), ("settings", settings),
            ("unseen", blindness.map { [$0.description] } ?? []),
        ]
        return parts.filter { !$0.1.isEmpty }
            .map { "  \($0.0): \(DisplayText.line($0.1.joined(separator: ", ")))" }
            .joined(separator: "\n")
    }

    fileprivate var json: JSON {
        func list(_ names: [String]) -> JSON { .array(names.map { .string($0) }) }
        return .object([
            "kind": .string(kind.rawValue), "does": list(accesses.map { Judgement.Cause.access($0).description }),
            "columns": list(columnNames), "functions": list(functions.map(\.description)), "settings": list(settings),
            "unseen": blindness.map { .string($0.description) } ?? .null,
        ])
    }
}
