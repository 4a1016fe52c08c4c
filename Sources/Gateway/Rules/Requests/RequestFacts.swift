import Protocols

/// What an HTTP request asks for, as far as rules can see it.
public struct RequestFacts: Sendable, Hashable {
    /// The request's own method first; then those that fields ask for in its place.
    public var methods: [String]
    /// The request's own path first; then those that fields ask for in its place.
    public var paths: [RequestPath]
    public var content: Content

    public enum Content: Sendable, Hashable {
        /// Nobody has looked, or it is nothing that JSON-RPC could be.
        case none
        /// What JSON-RPC messages ask for. None where all of them are answers.
        case calls([RPCCall], isBatch: Bool)
        case unseen(RequestBlindness)
    }

    public init(methods: [String], paths: [RequestPath], content: Content = .none) {
        self.methods = methods
        self.paths = paths
        self.content = content
    }

    public init(_ method: String, _ target: String, content: Content = .none) {
        self.init(methods: [method], paths: [RequestPath(target)], content: content)
    }

    /// Of a request that no rule asks about.
    static let unread = RequestFacts("", "/")

    /// "GET /orders".
    public var title: String {
        "\(DisplayText.line(methods.first ?? "", limit: 20)) \(paths.first?.description ?? "")"
    }
}
