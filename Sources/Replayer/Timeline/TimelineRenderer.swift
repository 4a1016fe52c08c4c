public import Protocols

/// Writes a timeline in one form. Every form gets the same three things.
public protocol TimelineRenderer: Sendable {
    func heading(_ heading: TimelineHeading, into output: inout [UInt8])
    func event(_ event: TimelineEvent, into output: inout [UInt8])
    /// What comes last: how far the recording went, and how many events were shown.
    func ending(_ state: TimelineHeading.State, eventCount: UInt64, into output: inout [UInt8])
}
