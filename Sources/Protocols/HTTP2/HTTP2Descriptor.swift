extension ProtocolDescriptor {
    /// HTTP/2, and gRPC over it.
    public static func http2<Primitives: TimelinePrimitives>(_ primitives: Primitives.Type) -> ProtocolDescriptor {
        ProtocolDescriptor(id: .http2, timeline: HTTP2Timeline<Primitives>.self, detect: HTTP2Detection.detect)
    }
}
