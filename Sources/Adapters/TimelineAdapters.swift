public import Protocols

/// What timelines need of C libraries.
public enum TimelineAdapters: TimelinePrimitives {
    public static func md5(_ bytes: Span<UInt8>) -> [UInt8] { OpenSSLCryptography.md5(bytes) }

    public static func sha256(_ bytes: Span<UInt8>) -> [UInt8] { SHA256.hash(bytes) }

    public static func decode(_ content: Span<UInt8>, _ coding: ContentCoding, limit: Int) -> DecodedContent {
        ContentDecoding.decode(content, coding, limit: limit)
    }
}

extension ProtocolRegistry {
    /// Every protocol, ready to read.
    public static let all = all(TimelineAdapters.self)
}
