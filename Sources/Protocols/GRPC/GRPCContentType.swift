/// What kind of gRPC a content type names (PROTOCOL-HTTP2.md, PROTOCOL-WEB.md).
struct GRPCContentType: Sendable, Equatable {
    /// Trailers come as a message of their own.
    var isWeb: Bool
    /// Messages are base64 within the body.
    var isText: Bool
    /// "proto", "json" …
    var format: String

    /// `nil` when it is not gRPC.
    init?(_ contentType: Span<UInt8>) {
        guard contentType.hasPrefixIgnoringCase("application/grpc") else { return nil }
        let text = String(decoding: [UInt8](copying: contentType), as: UTF8.self).lowercased()
        let type = text.prefix { $0 != ";" && $0 != " " }
        let parts = type.split(separator: "+", maxSplits: 1)
        switch parts.first {
        case "application/grpc": (isWeb, isText) = (false, false)
        case "application/grpc-web": (isWeb, isText) = (true, false)
        case "application/grpc-web-text": (isWeb, isText) = (true, true)
        default: return nil
        }
        format = parts.count > 1 ? String(parts[1]) : "proto"
    }
}
