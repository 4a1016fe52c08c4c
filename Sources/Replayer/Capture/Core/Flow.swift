/// One end of a TCP connection.
public struct FlowEndpoint: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let address: IPAddress
    public let port: UInt16

    public var description: String { address.with(port: port) }

    public static func < (left: FlowEndpoint, right: FlowEndpoint) -> Bool {
        left.address == right.address ? left.port < right.port : left.address < right.address
    }
}

/// An end of a flow as its packets tell it, before it is known who is the client: the one with the lower address and
/// port, or the other. It does not depend on the order in which the packets were captured.
public enum FlowSide: Int, Sendable, CaseIterable {
    case lower = 0
    case higher = 1

    public var opposite: FlowSide { self == .lower ? .higher : .lower }
}

/// The two ends of a flow. Packets of both directions have equal ones.
public struct FlowKey: Sendable, Hashable {
    public let lower: FlowEndpoint
    public let higher: FlowEndpoint

    /// The key, and who of the two sent.
    static func make(from source: FlowEndpoint, to destination: FlowEndpoint) -> (key: FlowKey, sender: FlowSide) {
        source < destination
            ? (FlowKey(lower: source, higher: destination), .lower)
            : (FlowKey(lower: destination, higher: source), .higher)
    }

    public subscript(_ side: FlowSide) -> FlowEndpoint { side == .lower ? lower : higher }
}
