import Protocols

// The rules held against HTTP requests. A request that holds JSON-RPC calls falls apart into these; any other is one part.
// For each part the first rule that fits decides; the request gets the strictest of these judgements.

extension CallerRules {
    /// No request is ever refused or asked.
    public var allowsEveryRequest: Bool { standard == .allow && requestRules.allSatisfy { $0.action == .allow } }

    /// Whether what a body asks for makes a difference.
    public var readsCalls: Bool {
        !allowsEveryRequest && requestRules.contains { $0.requests?.isAboutCalls ?? false }
    }

    /// - Parameter wallNanoseconds: now, since 1970.
    public func judge(_ facts: RequestFacts, at wallNanoseconds: Int64) -> Judgement {
        switch facts.content {
        case .none:
            return judgement(
                firstRule(wallNanoseconds) { $0.fits(facts) }, .request(facts.title), isHarmless: false)
        case .unseen(let reason):
            return judgement(
                firstRule(wallNanoseconds) { $0.fitsUnseen(facts) }, .unseenRequest(reason), isHarmless: false)
        case .calls(let calls, _):
            guard !calls.isEmpty else {
                let rule = firstRule(wallNanoseconds) { $0.fits(facts) }
                return judgement(rule, .request(facts.title), isHarmless: true)
            }
            return calls.reduce(.allow(nil)) { $0.stricter(judge($1, of: facts, at: wallNanoseconds)) }
        }
    }

    /// One of the calls of a request.
    public func judge(_ call: RPCCall, of facts: RequestFacts, at wallNanoseconds: Int64) -> Judgement {
        let rule = firstRule(wallNanoseconds) { $0.fits(call, of: facts) }
        return judgement(rule, .call(call), isHarmless: call.isHarmless)
    }

    /// Whether a tool is denied whatever it is given, so that it need not be shown.
    public func hides(tool name: String, of facts: RequestFacts, at wallNanoseconds: Int64) -> Bool {
        let call = RPCCall.tool(name)
        switch firstRule(wallNanoseconds, where: { $0.decidesName(of: call, of: facts) })?.action {
        case .deny: return true
        case .ask, .allow: return false
        case nil: return standard == .deny
        }
    }

    private func firstRule(_ time: Int64, where fits: (Rule) -> Bool) -> Rule? {
        requestRules.first { isOn($0, time) && fits($0) }
    }
}

extension Rule {
    /// A request without calls.
    fileprivate func fits(_ facts: RequestFacts) -> Bool {
        guard let requests else { return true }
        return !requests.isAboutCalls && requests.fitsHead(facts, surely: action == .allow)
    }

    fileprivate func fits(_ call: RPCCall, of facts: RequestFacts) -> Bool {
        guard let requests else { return true }
        let surely = action == .allow
        return requests.fitsHead(facts, surely: surely) && requests.fits(call, surely: surely)
    }

    /// What is asked for unseen could be anything that the rule is about.
    fileprivate func fitsUnseen(_ facts: RequestFacts) -> Bool {
        guard let requests else { return true }
        guard action == .allow else { return requests.fitsHead(facts, surely: false) }
        return !requests.isAboutCalls && requests.fitsHead(facts, surely: true)
    }

    /// Whether no later rule is asked about this tool: it fits whatever the arguments are, or lets some of them through.
    fileprivate func decidesName(of call: RPCCall, of facts: RequestFacts) -> Bool {
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
