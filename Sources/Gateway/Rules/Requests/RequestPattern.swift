import Protocols

/// What a rule says of HTTP requests, and of the JSON-RPC calls in them. Every part narrows it; within a part, one entry that
/// fits is enough.
public struct RequestPattern: Sendable, Hashable {
    /// Names of HTTP methods, which are case-sensitive (RFC 9110 §9.1).
    public var methods: Set<String> = []
    public var paths: [PathPattern] = []
    /// Names of JSON-RPC methods.
    public var rpc: [Wildcard] = []
    /// Names of MCP tools.
    public var tools: [Wildcard] = []
    /// What tools are given. All of them have to fit.
    public var arguments: [ArgumentPattern] = []

    public init() {}

    /// It needs to know what the body asks for.
    var isAboutCalls: Bool { !rpc.isEmpty || !tools.isEmpty || !arguments.isEmpty }

    /// - Parameter surely: whether it has to fit whatever a server makes of the request.
    func fitsHead(_ facts: RequestFacts, surely: Bool) -> Bool {
        fitsMethod(facts, surely) && fitsPath(facts, surely)
    }

    private func fitsMethod(_ facts: RequestFacts, _ surely: Bool) -> Bool {
        guard !methods.isEmpty else { return true }
        return surely
            ? facts.methods.allSatisfy(methods.contains)
            : facts.methods.contains { method in methods.contains { $0.lowercased() == method.lowercased() } }
    }

    private func fitsPath(_ facts: RequestFacts, _ surely: Bool) -> Bool {
        guard !paths.isEmpty else { return true }
        return surely
            ? facts.paths.allSatisfy { path in paths.contains { $0.surelyFits(path) } }
            : facts.paths.contains { path in paths.contains { $0.couldFit(path) } }
    }

    func fits(_ call: RPCCall, surely: Bool) -> Bool {
        fitsName(call, surely: surely) && arguments.allSatisfy { $0.fits(call.arguments, surely: surely) }
    }

    /// As ``fits(_:surely:)``, whatever the arguments are.
    func fitsName(_ call: RPCCall, surely: Bool) -> Bool {
        guard rpc.isEmpty || rpc.contains(where: { Self.fits($0, call.method, surely) }) else { return false }
        guard !tools.isEmpty || !arguments.isEmpty else { return true }
        guard let tool = call.tool else { return false }
        return tools.isEmpty || tools.contains { Self.fits($0, tool, surely) }
    }

    /// A name with other characters than MCP's (2025-11-25, server/tools, "Tool Names") may look like another one, and be
    /// taken for it.
    private static func fits(_ pattern: Wildcard, _ name: String, _ surely: Bool) -> Bool {
        if surely { return pattern.matches(name) }
        return !isPlain(name) || pattern.matches(name) || pattern.folded.matches(name.lowercased())
    }

    static func isPlain(_ name: String) -> Bool { name.utf8.allSatisfy(isPlain) }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "_-./:".utf8.contains(byte)
        }
    }
}

/// What a rule says of one of a tool's arguments.
public struct ArgumentPattern: Sendable, Hashable {
    /// Names from the outermost object inwards: `options.path`.
    let path: [String]
    /// One that fits is enough.
    let values: [Wildcard]

    public init(_ name: String, _ values: [Wildcard]) {
        path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        self.values = values
    }

    /// An argument that is missing does not fit. Of one that holds several values, one is enough for what could fit, and
    /// all are needed for what surely does.
    func fits(_ arguments: JSON, surely: Bool) -> Bool {
        let texts = Self.leaves(Self.find(path[...], in: arguments, surely))
        guard !texts.isEmpty else { return false }
        return surely
            ? texts.allSatisfy { text in values.contains { Self.surelyFits($0, text) } }
            : texts.contains { text in values.contains { $0.folded.matches(text.lowercased()) } }
    }

    /// What is there under the names; names in other cases count where it need not be sure.
    private static func find(_ path: ArraySlice<String>, in json: JSON, _ surely: Bool) -> [JSON] {
        guard let name = path.first else { return [json] }
        switch json {
        case .object(let members):
            let found = members.filter { $0.key == name || !surely && $0.key.lowercased() == name.lowercased() }
            return found.values.flatMap { find(path.dropFirst(), in: $0, surely) }
        case .array(let elements): return elements.flatMap { find(path, in: $0, surely) }
        default: return []
        }
    }

    private static func leaves(_ values: [JSON]) -> [String] {
        values.flatMap { value in
            switch value {
            case .string(let text): [text]
            case .array(let elements): leaves(elements)
            case .object(let members): leaves(Array(members.values))
            case .null, .bool, .integer, .double: [value.text]
            }
        }
    }

    /// `/srv/*` does not surely fit `/srv/../etc`.
    private static func surelyFits(_ pattern: Wildcard, _ text: String) -> Bool {
        guard pattern.matches(text) else { return false }
        let isPlain = !text.contains("..") && !text.lowercased().contains("%2e") && !text.contains("\\")
        return pattern.name != nil || pattern.isAny
            || isPlain && !text.unicodeScalars.contains(where: DisplayText.isUnsafe)
    }
}
