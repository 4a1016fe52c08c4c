/// Every protocol that can be read. A new protocol adds one line.
public enum ProtocolRegistry {
    public static let all: [ProtocolDescriptor] = [.postgres]

    public static func descriptor(of id: ProtocolID) -> ProtocolDescriptor? {
        all.first { $0.id == id }
    }
}
