// A decoder's memory as bytes, so that a timeline can go on from a checkpoint.

extension PostgresDecoder {
    /// The layout below; another number is not ours.
    private static let snapshotVersion: UInt8 = 1

    /// All that is needed to go on at the next message: 8 bytes. `nil` after a fault and within a long message.
    public func snapshot() -> [UInt8]? {
        guard failure == nil, state.client.body == 0, state.server.body == 0 else { return nil }
        let reason: UInt8 =
            switch state.opaqueReason {
            case .tls: 1
            case .encrypted: 2
            case .unsupported: 3
            }
        let flags: UInt8 =
            (state.sslAsked ? 1 : 0) | (state.gssAsked ? 2 : 0) | (state.midstream ? 4 : 0)
            | (start == .anywhere ? 8 : 0)
        return [
            Self.snapshotVersion, state.phase.rawValue, state.expected.rawValue, reason, flags,
            state.client.footing.rawValue, state.server.footing.rawValue, 0,
        ]
    }

    /// `nil` when the snapshot is not of a decoder's making.
    public init?(snapshot: Span<UInt8>, limits: WireLimits) {
        guard snapshot.count == 8, snapshot[0] == Self.snapshotVersion, snapshot[7] == 0, snapshot[4] < 16,
            let phase = Phase(rawValue: snapshot[1]), let expected = ExpectedResponse(rawValue: snapshot[2]),
            let client = Footing(rawValue: snapshot[5]), let server = Footing(rawValue: snapshot[6])
        else { return nil }
        switch snapshot[3] {
        case 1: state.opaqueReason = .tls
        case 2: state.opaqueReason = .encrypted
        case 3: state.opaqueReason = .unsupported
        default: return nil
        }
        self.limits = limits
        start = snapshot[4] & 8 != 0 ? .anywhere : .connection
        state.phase = phase
        state.expected = expected
        state.sslAsked = snapshot[4] & 1 != 0
        state.gssAsked = snapshot[4] & 2 != 0
        state.midstream = snapshot[4] & 4 != 0
        state.client.footing = client
        state.server.footing = server
    }
}
