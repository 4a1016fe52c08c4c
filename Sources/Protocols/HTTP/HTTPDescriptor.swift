extension ProtocolDescriptor {
    public static func http<Primitives: TimelinePrimitives>(_ primitives: Primitives.Type) -> ProtocolDescriptor {
        ProtocolDescriptor(id: .http, timeline: HTTPTimeline<Primitives>.self, detect: HTTPDetection.detect)
    }
}
