/// What a peer did wrong, where, and what it costs. Never quotes content: nothing secret, nothing allocated.
public struct WireFault: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case malformed
        case limitExceeded
        case unexpectedMessage
        case truncated
    }

    /// What cannot go on.
    public enum Damage: String, Sendable {
        case message
        case stream
        case connection
    }

    public var code: Code
    /// The direction whose sender is at fault.
    public var direction: Direction
    /// Bytes from the first unconsumed byte; from the start of the stream once ``rebased(by:)``.
    public var offset: UInt64
    public var damage: Damage
    public var reason: StaticString

    @inline(never)
    public init(
        _ code: Code, _ reason: StaticString, _ direction: Direction, at offset: Int = 0, damage: Damage = .connection
    ) {
        self.code = code
        self.direction = direction
        self.offset = UInt64(max(0, offset))
        self.damage = damage
        self.reason = reason
    }

    /// The same fault with its offset counted from the start of the stream.
    public func rebased(by base: UInt64) -> WireFault {
        var fault = self
        fault.offset &+= base
        return fault
    }

    public var description: String {
        "\(direction.sender) sent something \(code.rawValue) at byte \(offset): \(reason) (ends the \(damage.rawValue))"
    }

    public static func == (left: WireFault, right: WireFault) -> Bool {
        left.code == right.code && left.direction == right.direction && left.offset == right.offset
            && left.damage == right.damage && left.reason.description == right.reason.description
    }
}
