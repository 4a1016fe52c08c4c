public import Protocols

/// One line of the ledger: a JSON object that names the hash of the line before it.
public struct LedgerLine: Sendable, Hashable {
    public enum Event: Sendable, Hashable {
        /// A recording began.
        case open(SessionLink)
        /// A recording was sealed, with this END.
        case close(session: UInt64, recording: RecordingID, root: TreeHash)
        /// These numbers were given out, but the gateway was killed before their recordings began.
        case lost(ClosedRange<UInt64>)
        /// The gateway vouches for all lines before this one.
        case head(signer: TreeHash, wallNanoseconds: Int64, signature: [UInt8])
    }

    /// A line longer than this is not one of ours.
    public static let byteCountMaximum = 4096
    static let headContext = Array("wiretrail/ledger/head/1".utf8) + [0]
    private static let hashContext = Array("wiretrail/ledger/line/1".utf8) + [0]

    /// Counts from 1.
    public var number: UInt64
    /// The hash of the line before; zeros in the first.
    public var previous: TreeHash
    /// The highest session number that has been opened, with this line.
    public var sessions: UInt64
    /// The chain of that session (``SessionLink/chain(_:)``).
    public var chain: TreeHash
    public var event: Event

    /// The line's hash: of a context and its bytes without the line feed.
    public static func hash<Hash: Digest & ~Copyable>(_ line: Span<UInt8>, _ hash: Hash.Type) -> TreeHash {
        var digest = Hash()
        digest.update(hashContext.span)
        digest.update(line)
        return digest.finalize()
    }

    /// What a head signs: everything before it, by the hash of the line before.
    public func signedBytes(wallNanoseconds: Int64) -> [UInt8] {
        var bytes = Self.headContext + previous
        bytes.appendLE(number)
        bytes.appendLE(sessions)
        bytes += chain
        bytes.appendLE(wallNanoseconds)
        return bytes
    }

    /// The line without its line feed. Written member by member, in the order of their names: each recording has two lines.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(512)
        JSONWriter.write(into: &output) { json in
            json.object { json in
                if case .open(let link) = event { json.member("before") { $0.string(Hex.encode(link.previous)) } }
                json.member("chain") { $0.string(Hex.encode(chain)) }
                if case .lost(let range) = event { json.member("from") { $0.unsigned(range.lowerBound) } }
                if case .head(let signer, _, _) = event { json.member("key") { $0.string(Hex.encode(signer)) } }
                json.member("kind") { $0.string(event.kind) }
                json.member("line") { $0.unsigned(number) }
                json.member("previous") { $0.string(Hex.encode(previous)) }
                write(eventTo: &json)
                json.member("v") { $0.integer(1) }
            }
        }
        return output
    }

    /// The members between "previous" and "v".
    private func write(eventTo json: inout JSONWriter) {
        switch event {
        case .open(let link):
            json.member("recording") { $0.string(link.recording.description) }
            json.member("session") { $0.unsigned(link.number) }
            json.member("sessions") { $0.unsigned(sessions) }
            json.member("start") { $0.integer(link.wallNanoseconds) }
        case .close(let session, let recording, let root):
            json.member("recording") { $0.string(recording.description) }
            json.member("root") { $0.string(Hex.encode(root)) }
            json.member("session") { $0.unsigned(session) }
            json.member("sessions") { $0.unsigned(sessions) }
        case .lost(let range):
            json.member("sessions") { $0.unsigned(sessions) }
            json.member("to") { $0.unsigned(range.upperBound) }
        case .head(_, let wallNanoseconds, let signature):
            json.member("sessions") { $0.unsigned(sessions) }
            json.member("signature") { $0.bytes(signature) }
            json.member("time") { $0.integer(wallNanoseconds) }
        }
    }

    /// Reads a line. Only the one spelling that ``encoded()`` gives is a line: otherwise one line had several hashes.
    public init(_ bytes: Span<UInt8>) throws(FormatFault) {
        guard bytes.count <= Self.byteCountMaximum else {
            throw FormatFault(.limitExceeded, "a ledger line is too long")
        }
        let members = try Payload(bytes)
        number = try members.unsigned("line")
        previous = try members.hash("previous")
        sessions = try members.unsigned("sessions")
        chain = try members.hash("chain")
        event = try Self.event(members)
        guard encoded() == [UInt8](copying: bytes) else {
            throw FormatFault(.malformed, "a ledger line is not spelled as the gateway spells it")
        }
    }

    private static func event(_ members: Payload) throws(FormatFault) -> Event {
        switch try members.string("kind") {
        case "open":
            return .open(
                SessionLink(
                    number: try members.unsigned("session"), recording: try members.recording("recording"),
                    wallNanoseconds: try members.integer("start"), previous: try members.hash("before")))
        case "close":
            return .close(
                session: try members.unsigned("session"), recording: try members.recording("recording"),
                root: try members.hash("root"))
        case "lost":
            let from = try members.unsigned("from")
            let to = try members.unsigned("to")
            guard from <= to else { throw FormatFault(.malformed, "a ledger line's range runs backwards") }
            return .lost(from...to)
        case "head":
            return .head(
                signer: try members.hash("key"), wallNanoseconds: try members.integer("time"),
                signature: try members.bytes("signature"))
        default: throw FormatFault(.newerVersion, "a ledger line of an unknown kind")
        }
    }

    init(number: UInt64, previous: TreeHash, sessions: UInt64, chain: TreeHash, event: Event) {
        self.number = number
        self.previous = previous
        self.sessions = sessions
        self.chain = chain
        self.event = event
    }
}

extension LedgerLine.Event {
    fileprivate var kind: String {
        switch self {
        case .open: "open"
        case .close: "close"
        case .lost: "lost"
        case .head: "head"
        }
    }
}
