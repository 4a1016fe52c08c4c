/// What became of reaching an upstream while the client's connection goes on.
public enum UpstreamReach: Sendable, Equatable {
    /// - Parameter isReused: it has served others, and may have gone without our knowing.
    case reached(isReused: Bool)
    case failed(UpstreamFailure)
}

/// Why there is no upstream.
public struct UpstreamFailure: Error, Sendable, Equatable {
    /// One clause for the client and the recording; no credential.
    public var reason: String
    /// It was waited for in vain, and may be there.
    public var isTimeout: Bool

    public init(_ reason: String, isTimeout: Bool = false) {
        self.reason = reason
        self.isTimeout = isTimeout
    }
}

/// What it means that an upstream has left.
public enum UpstreamEnd: Sendable, Equatable {
    /// The client is told, and its connection ends.
    case endsConnection
    /// That was the end of what it had to say; the client's connection ends with it.
    case completes(reason: String)
    /// Nothing was under way: the client need not know.
    case leavesConnection
    /// It left without having begun to answer, as one may that was kept for too long: another is reached and told this.
    case resend([UInt8], secrets: [Range<Int>])
}
