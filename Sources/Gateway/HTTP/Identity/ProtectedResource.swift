import Protocols

/// What clients are told of where to get tokens: the gateway as an OAuth 2.1 protected resource (RFC 9728; MCP,
/// "Authorization").
struct ProtectedResource: Sendable, Equatable {
    /// Where clients reach the gateway: "https://gateway.example".
    let origin: String
    /// Where the resource lies there: "/mcp/files", or "/" for the whole of it.
    let path: String
    /// Issuers whose tokens count.
    let authorizationServers: [String]
    let scopes: [String]

    private static let wellKnown = "/.well-known/oauth-protected-resource"

    /// The path of the document for this resource: the well-known name comes in front of the resource's own path (§3.1).
    var metadataPath: String { path == "/" ? Self.wellKnown : Self.wellKnown + path }

    /// Without a place where tokens are to be had there is nothing to say (MCP, "Authorization Server Location").
    var hasMetadata: Bool { !authorizationServers.isEmpty }

    /// As tokens name it for their audience (RFC 8707 §2): without a slash at the end, as clients write it.
    var identifier: String { path == "/" ? origin : origin + path }

    /// Whether a request's path asks for this document. The root's is the same: a gateway's address without a path is where
    /// clients look second.
    func isMetadata(path: String) -> Bool { path == metadataPath || path == Self.wellKnown }

    /// How many bytes of a path that asks for such a document stand before its resource's own path; 0 in any other path.
    static func wellKnownLength(of path: Span<UInt8>) -> Int {
        let length = wellKnown.utf8.count
        guard path.hasPrefix(wellKnown), path.count == length || path[length] == UInt8(ascii: "/") else { return 0 }
        return length
    }

    /// The document (§2).
    var metadata: HTTPAnswer {
        var members: [String: JSON] = [
            "resource": .string(identifier), "authorization_servers": .array(authorizationServers.map { .string($0) }),
            "bearer_methods_supported": .array(["header"]),
        ]
        if !scopes.isEmpty { members["scopes_supported"] = .array(scopes.map { .string($0) }) }
        var answer = HTTPAnswer.json(200, JSON.object(members).encoded())
        // Browser-based clients fetch it from their own origin; it holds nothing that is not public.
        answer.fields.append(HTTPAnswer.Field(name: "access-control-allow-origin", value: "*"))
        return answer
    }

    /// The challenge of a 401 or 403 (RFC 6750 §3, RFC 9728 §5.1).
    func challenge(_ error: BearerError?) -> String {
        var parameters: [String] = []
        if let error { parameters += ["error=\"\(error.rawValue)\"", "error_description=\"\(error.description)\""] }
        if hasMetadata { parameters.append("resource_metadata=\"\(origin)\(metadataPath)\"") }
        if !scopes.isEmpty { parameters.append("scope=\"\(scopes.joined(separator: " "))\"") }
        return parameters.isEmpty ? "Bearer" : "Bearer " + parameters.joined(separator: ", ")
    }
}

/// What is wrong with a bearer token, for its client (RFC 6750 §3.1). It is not told why: that is in the log.
enum BearerError: String, Sendable {
    case invalidRequest = "invalid_request"
    case invalidToken = "invalid_token"

    var description: String {
        switch self {
        case .invalidRequest: "one Authorization field with the scheme Bearer is expected"
        case .invalidToken: "the token is unknown, expired or for another resource"
        }
    }
}
