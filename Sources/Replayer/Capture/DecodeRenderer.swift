import Protocols

/// Writes what a capture held in one form.
protocol DecodeRenderer: Sendable {
    /// Whether each flow is to be told in one piece.
    var groupsFlows: Bool { get }
    func heading(_ path: String, into output: inout [UInt8])
    func flow(_ facts: FlowFacts, into output: inout [UInt8])
    func event(_ event: TimelineEvent, _ packets: EventPackets, of flow: FlowFacts, into output: inout [UInt8])
    func end(_ end: FlowEnding, of flow: FlowFacts, into output: inout [UInt8])
    func ending(_ counts: CaptureCounts, _ failure: CaptureFailure?, into output: inout [UInt8])
}
