extension ProtocolDescriptor {
    public static func ssh<Primitives: TimelinePrimitives>(_ primitives: Primitives.Type) -> ProtocolDescriptor {
        ProtocolDescriptor(id: .ssh, timeline: SSHTimeline<Primitives>.self, detect: SSHDetection.detect)
    }
}
