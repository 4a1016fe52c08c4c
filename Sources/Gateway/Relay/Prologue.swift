import Protocols

/// What crossed the client leg before it was known who is calling. It becomes the recording's beginning, or goes into that
/// of the rejected. Bounded by whoever fills it.
struct Prologue: Sendable {
    struct Step: Sendable {
        var action: ProxyAction
        /// What the action's ranges count in.
        var window: [UInt8]
        var time: Timestamp
    }

    private(set) var steps: [Step] = []
    /// How much of both directions has crossed.
    private(set) var offsets = StreamOffsets()

    /// The client sent a message that the gateway answers by itself.
    mutating func heard(_ bytes: [UInt8], secrets: [Range<Int>] = [], _ reason: String, at time: Timestamp) {
        offsets.clientToServer += UInt64(bytes.count)
        steps.append(
            Step(
                action: .withhold(0..<bytes.count, secrets: secrets, reason: reason), window: bytes, time: time))
    }

    /// The gateway said something to the client.
    mutating func said(_ bytes: [UInt8], secrets: [Range<Int>] = [], at time: Timestamp) {
        offsets.serverToClient += UInt64(bytes.count)
        steps.append(Step(action: .reply(.client, bytes, secrets: secrets), window: [], time: time))
    }
}
