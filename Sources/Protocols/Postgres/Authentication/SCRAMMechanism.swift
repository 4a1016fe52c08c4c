/// The SASL mechanisms that Postgres knows (manual §55.3.1).
public enum SCRAMMechanism: String, Sendable {
    case plain = "SCRAM-SHA-256"
    /// With channel binding.
    case plus = "SCRAM-SHA-256-PLUS"
}

/// What one side of a SCRAM exchange can bind it to, so that nobody can stand between the two with a certificate of its
/// own.
public struct SCRAMChannelBinding: Sendable, Equatable {
    /// The hash of the TLS server's certificate, tls-server-end-point (RFC 5929 §4.1); `nil` without TLS.
    public var endPoint: [UInt8]?
    /// Whether an exchange without it is refused.
    public var isRequired: Bool

    public init(endPoint: [UInt8]?, isRequired: Bool = false) {
        self.endPoint = endPoint
        self.isRequired = isRequired
    }

    /// There is no TLS to bind to.
    public static var none: SCRAMChannelBinding { SCRAMChannelBinding(endPoint: nil) }
}

/// What a client says about channel binding in the first bytes of an exchange: the GS2 header (RFC 5802 §7). It says it
/// again under its proof, so that nobody can change it on the way.
enum SCRAMBindingFlag: Sendable, Equatable {
    /// "n": the client does not know channel binding, or has no TLS to bind to.
    case unsupported
    /// "y": the client could, and has not seen the server offer it.
    case notOffered
    case endPoint([UInt8])

    var mechanism: SCRAMMechanism {
        if case .endPoint = self { .plus } else { .plain }
    }

    /// Up to the first attribute. The name to act for (authzid) is always empty.
    var header: String {
        switch self {
        case .unsupported: "n,,"
        case .notOffered: "y,,"
        case .endPoint: "p=tls-server-end-point,,"
        }
    }

    /// The attribute "c" of the client's final message.
    var attribute: String {
        var input = Array(header.utf8)
        if case .endPoint(let hash) = self { input += hash }
        return "c=\(Base64.encode(input.span))"
    }
}
