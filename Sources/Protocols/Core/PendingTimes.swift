/// When the first byte came that each direction of a session still holds: a message that begins with it began then.
public struct PendingTimes: Sendable {
    private var since: [2 of Timestamp?] = [nil, nil]
    /// The end of the bytes that had come before those that are being read.
    private var ends: [2 of UInt64] = [0, 0]

    public init() {}

    /// To be called before bytes are fed to the session.
    public mutating func willFeed<Decoder>(_ session: borrowing WireSession<Decoder>) {
        for direction in Direction.allCases {
            ends[slot(direction)] = session.offset(direction) + UInt64(session.pending(direction))
        }
    }

    /// When the byte at `offset` came, of those that are read at `time`.
    public func start(ofByteAt offset: UInt64, _ direction: Direction, at time: Timestamp) -> Timestamp {
        offset < ends[slot(direction)] ? since[slot(direction)] ?? time : time
    }

    /// To be called after bytes have been fed: those that wait for more began now, unless they had begun before.
    public mutating func didFeed<Decoder>(_ session: borrowing WireSession<Decoder>, at time: Timestamp) {
        for direction in Direction.allCases {
            let slot = slot(direction)
            if session.pending(direction) == 0 {
                since[slot] = nil
            } else if session.offset(direction) >= ends[slot] || since[slot] == nil {
                since[slot] = time
            }
        }
    }

    private func slot(_ direction: Direction) -> Int { direction == .clientToServer ? 0 : 1 }
}
