extension ProtocolDescriptor {
    /// HTTP/2, and gRPC over it.
    public static let http2 = ProtocolDescriptor(
        id: .http2, timeline: HTTP2Timeline.self, detect: HTTP2Detection.detect)
}
