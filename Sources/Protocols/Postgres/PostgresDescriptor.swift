extension ProtocolDescriptor {
    public static let postgres = ProtocolDescriptor(
        id: .postgres, timeline: PostgresTimeline.self, detect: PostgresDetection.detect)
}
