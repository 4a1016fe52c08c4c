public import Transport

/// The HTTP server behind a target.
public struct HTTPUpstream: Sendable {
    /// A name, or an address without brackets.
    public var host: String
    public var port: UInt16
    /// `nil`: plain text.
    public var tls: TLSClientContext?

    public init(host: String, port: UInt16, tls: TLSClientContext? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }

    public var scheme: String { tls == nil ? "http" : "https" }

    /// What its requests carry as Host: without the scheme's own port (RFC 9110 §4.2.3).
    public var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (tls == nil ? 80 : 443) ? name : "\(name):\(port)"
    }

    /// For recordings and lists.
    public var name: String { "\(scheme)://\(authority)" }
}
