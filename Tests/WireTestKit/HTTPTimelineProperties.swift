import Adapters
import Protocols

/// What must hold for the timeline of every HTTP conversation. The fuzzer and the replay of its finds share it.
public enum HTTPTimelineProperties {
    /// A sentence on what does not hold, or `nil`. The input is turns, as ``FuzzTurns`` reads them.
    public static func violation(_ input: [UInt8]) -> String? {
        TimelineProperties.violation(HTTPTimeline<TimelineAdapters>.self, FuzzTurns.read(input[...]))
    }
}
