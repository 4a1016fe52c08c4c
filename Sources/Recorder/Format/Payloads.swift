public import Protocols

// The payloads of all records but DATA: JSON objects with sorted keys and "v":1. Unknown members are left for later
// versions to add; a member that is there has the type that docs/wtr.md states.

/// The payload of START: what is known before the first byte is forwarded.
public struct StartFacts: Sendable, Hashable {
    public var protocolID: ProtocolID
    /// The client's address and port, or "unix".
    public var client: String
    /// The address and port that the client connected to.
    public var listener: String
    /// The name of the configured upstream.
    public var target: String
    /// Version and cipher of the client's leg; `nil` for plain text.
    public var tls: String?
    /// Name and version of the gateway.
    public var software: String
    /// SHA-256 of the policy in force; empty where there is none.
    public var policyHash: [UInt8]
    /// Counts the recordings of one gateway from 1, without gaps.
    public var sessionNumber: UInt64
    /// The ledger's chain before this recording: 32 bytes.
    public var previousLedgerHash: [UInt8]
    /// The capture that the recording was made of; `nil` where a gateway recorded it.
    public var imported: ImportSource?

    public init(
        protocolID: ProtocolID, client: String, listener: String, target: String, tls: String? = nil,
        software: String, policyHash: [UInt8] = [], sessionNumber: UInt64, previousLedgerHash: [UInt8]
    ) {
        self.protocolID = protocolID
        self.client = client
        self.listener = listener
        self.target = target
        self.tls = tls
        self.software = software
        self.policyHash = policyHash
        self.sessionNumber = sessionNumber
        self.previousLedgerHash = previousLedgerHash
    }

    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(512)
        JSONWriter.write(into: &output) { json in
            json.object { json in
                json.member("client") { $0.string(client) }
                if let imported { json.member("imported") { $0.value(imported.json) } }
                json.member("listener") { $0.string(listener) }
                json.member("policy") { $0.bytes(policyHash) }
                json.member("previous") { $0.bytes(previousLedgerHash) }
                json.member("protocol") { $0.string(protocolID.rawValue) }
                json.member("session") { $0.unsigned(sessionNumber) }
                json.member("software") { $0.string(software) }
                json.member("target") { $0.string(target) }
                if let tls { json.member("tls") { $0.string(tls) } }
                json.member("v") { $0.integer(1) }
            }
        }
        return output
    }

    public init(_ payload: Span<UInt8>) throws(FormatFault) {
        let members = try Payload(payload)
        protocolID = ProtocolID(rawValue: try members.string("protocol"))
        client = try members.string("client")
        listener = try members.string("listener")
        target = try members.string("target")
        tls = try members.optional("tls", members.string)
        software = try members.string("software")
        policyHash = try members.bytes("policy")
        sessionNumber = try members.unsigned("session")
        previousLedgerHash = try members.bytes("previous")
        imported = try members.object["imported"].map { (json) throws(FormatFault) in try ImportSource(json) }
    }
}

/// The capture that a recording was made of.
public struct ImportSource: Sendable, Hashable {
    /// The file's name, without its folder.
    public var file: String
    /// SHA-256 of the file as it lay there.
    public var sha256: [UInt8]
    /// The connection's number in the capture, from 0 in the order of first packets.
    public var flow: UInt64

    public init(file: String, sha256: [UInt8], flow: UInt64) {
        self.file = file
        self.sha256 = sha256
        self.flow = flow
    }

    var json: JSON {
        .object(["file": .string(file), "sha256": .string(Hex.encode(sha256)), "flow": .unsigned(flow)])
    }

    init(_ json: JSON) throws(FormatFault) {
        guard let file = json["file"]?.string, let flow = json["flow"]?.unsigned,
            let sha256 = json["sha256"]?.string.flatMap(Hex.decode), sha256.count == 32
        else { throw FormatFault(.malformed, "a START record's source lacks a member, or it has another type") }
        self.init(file: file, sha256: sha256, flow: flow)
    }
}

/// The payload of IDENTITY: who is calling, and which streams of the connection that governs.
public struct IdentityFacts: Sendable, Hashable {
    public var identity: Identity
    /// Empty for the whole connection from here on.
    public var streams: [UInt32]

    public init(_ identity: Identity, streams: [UInt32] = []) {
        self.identity = identity
        self.streams = streams
    }

    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        JSONWriter.write(into: &output) { json in
            json.object { json in
                json.member("facts") { $0.value(.object(identity.facts.mapValues(JSON.string))) }
                json.member("groups") { $0.strings(identity.groups) }
                json.member("method") { $0.string(identity.method) }
                json.member("streams") { json in
                    json.array { for stream in streams { $0.integer(Int64(stream)) } }
                }
                json.member("subject") { $0.string(identity.subject) }
                json.member("v") { $0.integer(1) }
                if let end = identity.validUntil { json.member("validUntil") { $0.integer(end) } }
            }
        }
        return output
    }

    public init(_ payload: Span<UInt8>) throws(FormatFault) {
        let members = try Payload(payload)
        guard let facts = members.object["facts"]?.strings, let groups = members.object["groups"]?.array,
            let streams = members.object["streams"]?.array
        else { throw FormatFault(.malformed, "an IDENTITY record lacks a member") }
        identity = Identity(
            subject: try members.string("subject"), groups: groups.compactMap(\.string),
            method: try members.string("method"), facts: facts, validUntil: members.object["validUntil"]?.integer)
        self.streams = streams.compactMap { $0.integer.flatMap { UInt32(exactly: $0) } }
    }
}

extension Annotation {
    /// The payload of NOTE. Direction and stream stand in the record's header.
    ///
    /// Written member by member, in the order of their names: HTTP has a note for each request, and a dictionary would cost
    /// more than everything else that is done for one.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(128 + reason.utf8.count + otherLeg.count / 3 * 4)
        JSONWriter.write(into: &output) { json in
            json.object { json in
                json.member("from") { $0.unsigned(range.lowerBound) }
                json.member("kind") { $0.string(kind.rawValue) }
                if !otherLeg.isEmpty { json.member("otherLeg") { $0.bytes(otherLeg) } }
                json.member("reason") { $0.string(reason) }
                json.member("to") { $0.unsigned(range.upperBound) }
                json.member("v") { $0.integer(1) }
            }
        }
        return output
    }

    /// Whether a NOTE is perhaps of this kind: spares reading those that are not.
    static func mayBe(_ kind: Kind, _ payload: Span<UInt8>) -> Bool {
        let value = "\"\(kind.rawValue)\""
        return payload.contains(value.utf8.span)
    }

    public init(_ header: RecordHeader, _ payload: Span<UInt8>) throws(FormatFault) {
        let members = try Payload(payload)
        guard let direction = header.direction else { throw FormatFault(.malformed, "a NOTE without a direction") }
        guard let kind = Kind(rawValue: try members.string("kind")) else {
            throw FormatFault(.newerVersion, "a NOTE of an unknown kind")
        }
        let from = try members.unsigned("from")
        let to = try members.unsigned("to")
        guard from <= to else { throw FormatFault(.malformed, "a NOTE whose range runs backwards") }
        self.init(
            kind, direction, stream: header.stream, range: from..<to, reason: try members.string("reason"),
            otherLeg: try members.optional("otherLeg", members.bytes) ?? [])
    }
}

/// The payload of GAP: what is missing here, and why.
public struct GapFacts: Sendable, Hashable {
    /// Missing bytes of the header's direction; `nil` when nobody knows.
    public var length: UInt64?
    public var reason: String

    public init(length: UInt64?, reason: String) {
        self.length = length
        self.reason = reason
    }

    public func encoded() -> [UInt8] {
        var members: [String: JSON] = ["v": 1, "reason": .string(reason)]
        members["length"] = length.map(JSON.unsigned)
        return JSON.object(members).encoded()
    }

    public init(_ payload: Span<UInt8>) throws(FormatFault) {
        let members = try Payload(payload)
        length = try members.optional("length", members.unsigned)
        reason = try members.string("reason")
    }
}

/// The payload of CHECKPOINT: the tree over the first `leaves` segments.
public struct CheckpointFacts: Sendable, Hashable {
    public var leaves: UInt64
    public var root: TreeHash

    public init(leaves: UInt64, root: TreeHash) {
        self.leaves = leaves
        self.root = root
    }

    public func encoded() -> [UInt8] {
        JSON.object(["v": 1, "leaves": .unsigned(leaves), "root": .bytes(root)]).encoded()
    }

    public init(_ payload: Span<UInt8>) throws(FormatFault) {
        let members = try Payload(payload)
        leaves = try members.unsigned("leaves")
        root = try members.bytes("root")
    }
}
