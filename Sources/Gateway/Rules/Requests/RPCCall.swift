public import Protocols

/// A JSON-RPC request or notification, as rules see it.
public struct RPCCall: Sendable, Hashable, CustomStringConvertible {
    public var method: String
    /// The tool that an MCP `tools/call` names.
    public var tool: String?
    /// What the tool is given: an object.
    public var arguments: JSON
    /// `nil`: a notification, which nobody answers (JSON-RPC 2.0 §4.1).
    public var id: JSON?
    /// The id of the call that `notifications/cancelled` takes back.
    public var cancelled: JSON?
    /// Under which the caller wants to hear how far it has come (MCP, "Progress"); `nil`: it does not.
    public var progressToken: JSON?

    public init(_ method: String, tool: String? = nil, arguments: JSON = .object([:]), id: JSON? = nil) {
        self.method = method
        self.tool = tool
        self.arguments = arguments
        self.id = id
    }

    public static func tool(_ name: String, _ arguments: JSON = .object([:]), id: JSON? = nil) -> RPCCall {
        RPCCall("tools/call", tool: name, arguments: arguments, id: id)
    }

    public var description: String {
        guard let tool else { return DisplayText.line(method, limit: 100) }
        return "the tool \(DisplayText.line(tool, limit: 100))"
    }
}

/// Why a request's body does not show what it asks for.
public enum RequestBlindness: Error, Hashable, CustomStringConvertible {
    /// Longer than bodies are held whole.
    case tooLong
    /// It has a content coding: it is not decoded in order to be judged.
    case encoded
    /// A character set other than UTF-8.
    case charset
    /// Text that begins as JSON, and is not the JSON that all parsers read alike.
    case notJSON(JSONFault)
    /// Names that some parsers take for others: `Method` beside `method`.
    case ambiguousNames
    /// A `tools/call` without a tool's name.
    case unnamedTool
    /// `Mcp-Method` or `Mcp-Name` says something else than the body.
    case contradiction

    public var description: String {
        switch self {
        case .tooLong: "a body too long to be read"
        case .encoded: "a body with a content coding"
        case .charset: "a body in another character set than UTF-8"
        case .notJSON(let fault): "a body that is \(fault)"
        case .ambiguousNames: "names in the body that parsers read differently"
        case .unnamedTool: "a tools/call that names no tool"
        case .contradiction: "header fields that contradict the body"
        }
    }
}

extension JSONFault: Hashable {
    public func hash(into hasher: inout Hasher) { hasher.combine(offset) }
}
