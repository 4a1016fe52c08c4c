/// The name of a wire protocol, as written in recordings, rules and command lines ("postgres", "http").
public struct ProtocolID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }
}
