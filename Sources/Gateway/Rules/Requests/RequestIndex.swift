import Protocols

/// Rules about HTTP requests by what they name, so that a request is compared with few of them: with all that may fit it,
/// and hardly any other. A rule is told by its place among all of them.
///
/// Names are entered and looked for without case, since some servers make no difference there: a rule that fits with case
/// fits without, too.
struct RequestIndex: Sendable {
    /// Rules about requests as a whole, which concern the calls in them, too.
    private var byHead = HeadIndex()
    /// Rules about calls that concern whatever could hold some.
    private var byHeadOfUnseen = HeadIndex()
    /// Rules about calls: by their tools; where they name none, by their methods; where none either, for all tools.
    private var byTool = NameIndex()
    private var byMethod = NameIndex()

    mutating func enter(_ rule: Rule, _ place: Int) {
        guard let pattern = rule.requests, pattern.isAboutCalls else {
            return byHead.enter(rule.requests ?? RequestPattern(), place)
        }
        if rule.action != .allow { byHeadOfUnseen.enter(pattern, place) }
        if !pattern.tools.isEmpty {
            byTool.enter(pattern.tools.map(\.folded), place)
        } else if !pattern.rpc.isEmpty {
            byMethod.enter(pattern.rpc.map(\.folded), place)
        } else {
            byTool.enterForAll(place)
        }
    }

    // MARK: Looking up: in the order in which rules decide, some perhaps twice

    func places(for facts: RequestFacts) -> [Int] {
        var found: [Int] = []
        byHead.collect(facts, &found)
        found.sort()
        return found
    }

    func places(forUnseen facts: RequestFacts) -> [Int] {
        var found: [Int] = []
        byHead.collect(facts, &found)
        byHeadOfUnseen.collect(facts, &found)
        found.sort()
        return found
    }

    func places(for call: RPCCall, of facts: RequestFacts) -> [Int] {
        var found: [Int] = []
        byHead.collect(facts, &found)
        if let tool = call.tool { byTool.collect(call: tool, &found) }
        byMethod.collect(call: call.method, &found)
        found.sort()
        return found
    }
}

/// Places of rules by the paths that they name; where they name none, by the HTTP methods.
private struct HeadIndex: Sendable {
    private var byPath = NameIndex()
    private var byMethod = NameIndex()

    mutating func enter(_ pattern: RequestPattern, _ place: Int) {
        if !pattern.paths.isEmpty {
            byPath.enter(pattern.paths.flatMap(\.folded), place)
        } else if !pattern.methods.isEmpty {
            byMethod.enter(pattern.methods.map { Wildcard($0.lowercased()) }, place)
        } else {
            byPath.enterForAll(place)
        }
    }

    func collect(_ facts: RequestFacts, _ found: inout [Int]) {
        // What is ambiguous could be any path.
        if facts.paths.contains(where: \.isAmbiguous) {
            found += byPath.all
        } else {
            for path in facts.paths { for name in path.foldedNames { byPath.collect(name, &found) } }
        }
        guard !byMethod.isEmpty else { return }
        for method in facts.methods { byMethod.collect(method.lowercased(), &found) }
    }
}

extension NameIndex {
    /// As ``collect(_:_:)``, by the name of a tool or of a JSON-RPC method, of which some could be any other.
    fileprivate func collect(call name: String, _ found: inout [Int]) {
        guard !isEmpty else { return }
        if RequestPattern.isPlain(name) { collect(name.lowercased(), &found) } else { found += all }
    }
}
