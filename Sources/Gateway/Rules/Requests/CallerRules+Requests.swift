import Protocols

// The rules held against HTTP requests. A request that holds JSON-RPC calls falls apart into these; any other is one part.
// For each part the first rule that fits decides; the request gets the strictest of these judgements.

extension CallerRules {
    /// - Parameter wallNanoseconds: now, since 1970.
    public func judge(_ facts: RequestFacts, at wallNanoseconds: Int64) -> Judgement {
        switch facts.content {
        case .none:
            return judgement(rule(for: facts, wallNanoseconds), .request(facts.title), isHarmless: false)
        case .unseen(let reason):
            let places = requestIndex.places(forUnseen: facts)
            let rule = firstRequestRule(places, wallNanoseconds) { $0.fitsUnseen(facts) }
            return judgement(rule, .unseenRequest(reason), isHarmless: false)
        case .calls(let calls, _):
            guard !calls.isEmpty else {
                return judgement(rule(for: facts, wallNanoseconds), .request(facts.title), isHarmless: true)
            }
            return calls.reduce(.allow(nil)) { $0.stricter(judge($1, of: facts, at: wallNanoseconds)) }
        }
    }

    /// One of the calls of a request.
    public func judge(_ call: RPCCall, of facts: RequestFacts, at wallNanoseconds: Int64) -> Judgement {
        let places = requestIndex.places(for: call, of: facts)
        let rule = firstRequestRule(places, wallNanoseconds) { $0.fits(call, of: facts) }
        return judgement(rule, .call(call), isHarmless: call.isHarmless)
    }

    /// Whether a tool is denied whatever it is given, so that it need not be shown.
    public func hides(tool name: String, of facts: RequestFacts, at wallNanoseconds: Int64) -> Bool {
        let call = RPCCall.tool(name)
        let places = requestIndex.places(for: call, of: facts)
        switch firstRequestRule(places, wallNanoseconds, where: { $0.decidesName(of: call, of: facts) })?.action {
        case .deny: return true
        case .ask, .allow: return false
        case nil: return standard == .deny
        }
    }

    /// About a request without calls.
    private func rule(for facts: RequestFacts, _ time: Int64) -> Rule? {
        firstRequestRule(requestIndex.places(for: facts), time) { $0.fits(facts) }
    }
}

extension Rule {
    /// A request without calls.
    func fits(_ facts: RequestFacts) -> Bool {
        guard let requests else { return true }
        return !requests.isAboutCalls && requests.fitsHead(facts, surely: action == .allow)
    }

    func fits(_ call: RPCCall, of facts: RequestFacts) -> Bool {
        guard let requests else { return true }
        let surely = action == .allow
        return requests.fitsHead(facts, surely: surely) && requests.fits(call, surely: surely)
    }

    /// What is asked for unseen could be anything that the rule is about.
    func fitsUnseen(_ facts: RequestFacts) -> Bool {
        guard let requests else { return true }
        guard action == .allow else { return requests.fitsHead(facts, surely: false) }
        return !requests.isAboutCalls && requests.fitsHead(facts, surely: true)
    }

    /// Whether no later rule is asked about this tool: it fits whatever the arguments are, or lets some of them through.
    func decidesName(of call: RPCCall, of facts: RequestFacts) -> Bool {
        guard let requests else { return true }
        let surely = action == .allow
        return (action != .deny || requests.arguments.isEmpty) && requests.fitsHead(facts, surely: surely)
            && requests.fitsName(call, surely: surely)
    }
}

extension RPCCall {
    /// Allowed even where the standard is to deny: how a conversation begins and is kept up, and the list of the tools, which
    /// shows only those that are not denied.
    var isHarmless: Bool {
        switch method {
        case "initialize", "server/discover", "ping", "tools/list", "logging/setLevel": true
        default: method.hasPrefix("notifications/")
        }
    }
}
