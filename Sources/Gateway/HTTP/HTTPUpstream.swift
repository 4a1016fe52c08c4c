public import Transport

/// The HTTP server behind a target.
public struct HTTPUpstream: Sendable {
    /// A name, or an address without brackets.
    public let host: String
    public let port: UInt16
    /// `nil`: plain text.
    public let tls: TLSClientContext?
    /// What its requests carry as Host: without the scheme's own port (RFC 9110 §4.2.3).
    public let authority: String
    /// For recordings and lists.
    public let name: String

    public init(host: String, port: UInt16, tls: TLSClientContext? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
        let place = host.contains(":") ? "[\(host)]" : host
        authority = port == (tls == nil ? 80 : 443) ? place : "\(place):\(port)"
        name = "\(tls == nil ? "http" : "https")://\(authority)"
    }
}
