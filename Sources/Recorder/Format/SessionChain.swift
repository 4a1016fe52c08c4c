public import Protocols

/// One recording's place among all recordings of its gateway.
public struct SessionLink: Sendable, Hashable {
    /// Counts from 1, without gaps.
    public var number: UInt64
    public var recording: RecordingID
    /// The wall time of the START record, in nanoseconds since 1970.
    public var wallNanoseconds: Int64
    /// The chain before this recording, which START carries.
    public var previous: TreeHash

    public init(number: UInt64, recording: RecordingID, wallNanoseconds: Int64, previous: TreeHash) {
        self.number = number
        self.recording = recording
        self.wallNanoseconds = wallNanoseconds
        self.previous = previous
    }

    /// The link of a recording, from its first record.
    public init(_ start: StartFacts, recording: RecordingID, wallNanoseconds: Int64) {
        self.init(
            number: start.sessionNumber, recording: recording, wallNanoseconds: wallNanoseconds,
            previous: start.previousLedgerHash)
    }

    /// The chain with this recording: SHA-256 of a context, the chain before, number, name and time.
    public func chain<Hash: Digest & ~Copyable>(_ hash: Hash.Type) -> TreeHash {
        var bytes = Array("wiretrail/session/1".utf8) + [0] + previous
        bytes.appendLE(number)
        recording.write(into: &bytes)
        bytes.appendLE(wallNanoseconds)
        return Hash.hash(bytes.span)
    }
}

/// Gives out session numbers, each bound to all before it. A value in memory: what crashes lose of it comes back from
/// the START records. Number and START are to be taken and journaled under one lock, or a crash in between leaves a
/// number without a recording, which the ledger must then call lost.
public struct SessionChain<Hash: Digest & ~Copyable>: Sendable, Hashable {
    /// The number given out last; 0 at first.
    public private(set) var number: UInt64
    public private(set) var hash: TreeHash

    public init(number: UInt64 = 0, hash: TreeHash = [UInt8](repeating: 0, count: 32)) {
        self.number = number
        self.hash = hash
    }

    public static func == (left: SessionChain, right: SessionChain) -> Bool {
        left.number == right.number && left.hash == right.hash
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(number) }

    /// - Parameter wallNanoseconds: what the START record's header will say.
    public mutating func begin(_ recording: RecordingID, wallNanoseconds: Int64) -> SessionLink {
        let link = SessionLink(
            number: number + 1, recording: recording, wallNanoseconds: wallNanoseconds, previous: hash)
        number = link.number
        hash = link.chain(Hash.self)
        return link
    }
}
