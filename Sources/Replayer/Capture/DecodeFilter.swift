import Protocols

/// Which flows and events of a capture are told. All packets are read all the same: what is told does not depend on it.
public struct DecodeFilter: Sendable, Hashable {
    /// Names as in ``FlowFacts/speech``; empty: all.
    public var protocols: Set<String> = []
    /// Numbers of flows; empty: all.
    public var flows: Set<UInt64> = []
    /// Nanoseconds since 1970: only events that end then or later.
    public var from: Int64?
    /// Nanoseconds since 1970: only events that begin before.
    public var to: Int64?

    public init() {}

    func admits(_ flow: FlowFacts) -> Bool {
        (flows.isEmpty || flows.contains(flow.number)) && (protocols.isEmpty || protocols.contains(flow.speech))
    }

    func admits(_ event: TimelineEvent) -> Bool {
        if let from, (event.end ?? event.start).wallNanoseconds < from { return false }
        if let to, event.start.wallNanoseconds >= to { return false }
        return true
    }
}
