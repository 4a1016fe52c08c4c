/// One message of a call, as far as it is kept.
struct GRPCMessage: Sendable, Equatable {
    /// Of its bytes on the wire.
    var length: UInt64
    var isCompressed: Bool
    /// gRPC-Web's trailers, which travel as a message (PROTOCOL-WEB.md).
    var isTrailers: Bool
    /// Its first bytes on the wire.
    var beginning: [UInt8] = []

    private var isWhole: Bool { UInt64(beginning.count) == length }

    /// For display. Of a compressed one, no more than ``GRPCMessageReader/bytesShown`` bytes are ever decompressed.
    ///
    /// - Parameter coding: what its sender names in `grpc-encoding`.
    func text<Primitives: TimelinePrimitives>(
        format: String, coding: String?, _ primitives: Primitives.Type
    ) -> String {
        if length == 0 { return "(empty)" }
        guard isCompressed else { return shown(DecodedContent(beginning, isWhole ? .whole : .cut), format) }
        // The flag without a coding is an error (PROTOCOL-HTTP2.md, Compressed-Flag).
        guard let name = coding, name != "identity" else { return "(\(length) bytes, compressed in no coding)" }
        guard let coding = ContentCoding(name) else { return "(\(length) bytes, compressed in an unknown coding)" }
        let limit = min(ContentCoding.limit(ofEncoded: beginning.count), GRPCMessageReader.bytesShown)
        let content = primitives.decode(beginning.span, coding, limit: limit)
        let isDamaged = content.end == .damaged || content.end == .truncated && isWhole
        guard !isDamaged else { return "(\(length) bytes, compressed, damaged)" }
        return shown(content, format)
    }

    private func shown(_ content: DecodedContent, _ format: String) -> String {
        let isCut = content.end != .whole
        if isTrailers || format != "proto" { return DisplayText.decode(content.bytes.span) + rest(isCut) }
        return ProtobufText.render(content.bytes.span, isCut: isCut) ?? "(\(length) bytes)"
    }

    /// What of the message is not shown: only its sender knows how much that is of a compressed one.
    private func rest(_ isCut: Bool) -> String {
        guard isCut else { return "" }
        return isCompressed ? "…" : "… (\(length - UInt64(beginning.count)) bytes more)"
    }
}
