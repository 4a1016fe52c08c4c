import Protocols

/// The credential in a request's Authorization field (RFC 6750 §2.1). Tokens in bodies and queries (§2.2, §2.3) are none:
/// queries stand in logs.
enum BearerToken: Sendable {
    /// No Authorization field at all.
    case missing
    /// More than one, another scheme, or no token.
    case malformed
    case token(Secret)

    /// 16 KiB, as in `JSONWebToken`; nobody's is longer.
    private static let limit = 16 << 10

    /// - Parameter values: those of all Authorization fields of the request.
    init(_ values: [[UInt8]]) {
        guard let value = values.first else {
            self = .missing
            return
        }
        self = values.count == 1 ? Self.read(value) : .malformed
    }

    /// `"Bearer" 1*SP b64token`; the scheme is case-insensitive (RFC 9110 §11.1).
    private static func read(_ value: [UInt8]) -> BearerToken {
        let scheme = Array("bearer".utf8)
        guard value.count > scheme.count, value.prefix(scheme.count).map({ $0 | 0x20 }) == scheme,
            value[scheme.count] == 0x20
        else { return .malformed }
        let token = value.dropFirst(scheme.count).drop { $0 == 0x20 }
        let body = token.prefix { $0 != UInt8(ascii: "=") }
        let padding = token.dropFirst(body.count)
        guard !body.isEmpty, token.count <= limit, body.allSatisfy(isTokenByte),
            padding.allSatisfy({ $0 == UInt8(ascii: "=") })
        else { return .malformed }
        return .token(Secret(Array(token)))
    }

    /// `ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/"` (RFC 6750 §2.1).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._~+/".utf8.contains(byte)
        }
    }
}
