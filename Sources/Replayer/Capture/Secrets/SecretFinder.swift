import Protocols

/// Finds the secrets in what one connection says: those that a gateway would not have recorded. One implementation per protocol.
protocol SecretFinder: Sendable {
    associatedtype Decoder: WireDecoder

    init()
    /// Where the event's bytes hold secrets.
    mutating func secrets(
        in event: WireEvent<Decoder.Message>, _ direction: Direction, _ bytes: Span<UInt8>
    ) -> [FoundSecret]
    /// Where bytes hold secrets that the decoder cannot read: cut short, or of no message.
    func secrets(inRest bytes: Span<UInt8>, _ direction: Direction) -> [FoundSecret]
}

/// Where a secret stands, and what a recording holds instead.
struct FoundSecret: Sendable {
    var range: Range<Int>
    /// Of the range's length; asterisks, where there is none.
    var filler: [UInt8]?

    init(_ range: Range<Int>, filler: [UInt8]? = nil) {
        self.range = range
        self.filler = filler
    }
}
