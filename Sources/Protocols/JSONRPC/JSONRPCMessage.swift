/// One message of JSON-RPC 2.0.
public enum JSONRPCMessage: Sendable, Hashable {
    case request(id: JSONRPCID, JSONRPCCall)
    /// A request that nobody answers (§4.1).
    case notification(JSONRPCCall)
    case result(id: JSONRPCID, JSON)
    /// `nil`: the request could not be read so far as to tell its id (§5).
    case failure(id: JSONRPCID?, JSONRPCError)

    /// What is asked for; `nil` for an answer.
    public var call: JSONRPCCall? {
        switch self {
        case .request(_, let call), .notification(let call): call
        case .result, .failure: nil
        }
    }
}

/// A method and what it is given (§4).
public struct JSONRPCCall: Sendable, Hashable {
    public var method: String
    /// An object or an array (§4.2); `nil` when left out.
    public var parameters: JSON?

    public init(_ method: String, _ parameters: JSON? = nil) {
        self.method = method
        self.parameters = parameters
    }
}

/// What an answer and its request have in common (§4): a number or a text. Both of the same spelling are two ids.
public enum JSONRPCID: Sendable, Hashable, CustomStringConvertible {
    case integer(Int64)
    case string(String)

    init?(_ json: JSON) {
        switch json {
        case .integer(let value): self = .integer(value)
        case .string(let value): self = .string(value)
        // Parsers without integers write 1 as 1.0; fractions are no ids (§4).
        case .double(let value):
            guard let integer = Int64(exactly: value) else { return nil }
            self = .integer(integer)
        default: return nil
        }
    }

    public var description: String {
        switch self {
        case .integer(let value): String(value)
        case .string(let value): JSON.string(value).text
        }
    }

    public var json: JSON {
        switch self {
        case .integer(let value): .integer(value)
        case .string(let value): .string(value)
        }
    }
}

/// Why a request failed (§5.1).
public struct JSONRPCError: Sendable, Hashable {
    public var code: Int64
    public var message: String
    public var data: JSON?

    public init(code: Int64, message: String, data: JSON? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }
}
