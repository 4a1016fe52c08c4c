/// Every protocol that can be read. A new protocol adds one line.
public enum ProtocolRegistry {
    /// - Parameter primitives: what timelines need of C libraries. Adapters has the usual ones, and ``all`` with them.
    public static func all<Primitives: TimelinePrimitives>(_ primitives: Primitives.Type) -> [ProtocolDescriptor] {
        [.postgres, .http(primitives), .ssh(primitives), .http2(primitives)]
    }
}
