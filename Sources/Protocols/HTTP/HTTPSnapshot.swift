// A decoder's memory as bytes, so that a timeline can go on from a checkpoint.

extension HTTPDecoder {
    /// The layout below; another number is not ours.
    private static let snapshotVersion: UInt8 = 1

    /// All that is needed to go on: some 30 bytes, and two for each unanswered request. `nil` after a fault and within a
    /// head or a trailer section.
    public func snapshot() -> [UInt8]? {
        guard failure == nil, !state.hasReaders else { return nil }
        let flags: UInt8 = (state.isMidstream ? 1 : 0) | (pipelining == .waits ? 2 : 0)
        var bytes = [Self.snapshotVersion, flags]
        state.client.append(to: &bytes)
        state.server.append(to: &bytes)
        state.requests.append(to: &bytes)
        return bytes
    }

    /// `nil` when the snapshot is not of a decoder's making.
    public init?(snapshot: Span<UInt8>, limits: WireLimits) {
        let lanes = 2..<(2 + 2 * Lane.snapshotBytes)
        guard snapshot.count >= lanes.upperBound, snapshot[0] == Self.snapshotVersion, snapshot[1] < 4,
            let client = Lane(snapshot: snapshot.extracting(2..<(2 + Lane.snapshotBytes))),
            let server = Lane(snapshot: snapshot.extracting((2 + Lane.snapshotBytes)..<lanes.upperBound)),
            let requests = HTTPRequestQueue(snapshot: snapshot.extracting(lanes.upperBound...))
        else { return nil }
        self.init(limits: limits, pipelining: snapshot[1] & 2 != 0 ? .waits : .readsAhead)
        state.isMidstream = snapshot[1] & 1 != 0
        state.client = client
        state.server = server
        state.requests = requests
    }
}

extension HTTPDecoder.Lane {
    static var snapshotBytes: Int { 11 }

    func append(to bytes: inout [UInt8]) {
        let (tag, left) = position.numbers
        let flags: UInt8 = (isLast ? 1 : 0) | (isLost ? 2 : 0)
        bytes += [tag, flags, frames.flags]
        bytes.appendBE(left)
    }

    init?(snapshot: Span<UInt8>) {
        guard snapshot.count == Self.snapshotBytes, snapshot[1] < 4, let left = snapshot.uint64BE(at: 3),
            let position = HTTPDecoder.Position(snapshot[0], left),
            let frames = WebSocketFrameReader(flags: snapshot[2])
        else { return nil }
        self.position = position
        isLast = snapshot[1] & 1 != 0
        isLost = snapshot[1] & 2 != 0
        self.frames = frames
    }
}

extension HTTPDecoder.Position {
    fileprivate var numbers: (tag: UInt8, left: UInt64) {
        switch self {
        case .head: (0, 0)
        case .length(let left): (1, left)
        case .untilClose: (2, 0)
        case .chunkLine: (3, 0)
        case .chunkData(let left): (4, left)
        case .chunkEnd: (5, 0)
        case .frameHead: (6, 0)
        case .framePayload(let left): (7, left)
        case .opaque(.tls): (8, 0)
        case .opaque(.encrypted): (9, 0)
        case .opaque(.unsupported): (10, 0)
        case .http2: (11, 0)
        }
    }

    fileprivate init?(_ tag: UInt8, _ left: UInt64) {
        let all: [Self] = [
            .head, .length(left), .untilClose, .chunkLine, .chunkData(left), .chunkEnd, .frameHead, .framePayload(left),
            .opaque(.tls), .opaque(.encrypted), .opaque(.unsupported), .http2,
        ]
        // Content of which nothing is left is no position, and others have nothing left.
        guard tag < all.count, all[Int(tag)].numbers.left == left, [1, 4, 7].contains(tag) == (left > 0) else {
            return nil
        }
        self = all[Int(tag)]
    }
}
