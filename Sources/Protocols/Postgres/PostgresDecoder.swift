/// Reads both directions of a PostgreSQL connection (manual, chapter 55).
public struct PostgresDecoder: WireDecoder {
    public typealias Message = PostgresMessage

    private let limits: WireLimits

    public init(limits: WireLimits) { self.limits = limits }

    public mutating func step(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<PostgresMessage> {
        throw WireFault(.unexpectedMessage, "unread", direction)
    }

    public mutating func end(_ direction: Direction) throws(WireFault) -> Step<PostgresMessage>? { nil }

    public mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault) {}
}
