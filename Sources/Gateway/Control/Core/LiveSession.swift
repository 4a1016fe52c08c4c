public import Protocols

/// A session whose connection is open now.
public struct LiveSession: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        /// The upstream is being reached.
        case connecting
        /// A request is under way, or a transaction is open.
        case busy
        /// Nothing is under way.
        case idle
        /// Waits for a person's answer.
        case asking
        /// Ends once what is queued is written.
        case ending
    }

    /// Counts the gateway's recordings; `wiretrail timeline` takes it.
    public var number: UInt64
    /// Who it is; `nil` before that is known.
    public var subject: String?
    /// How the subject was proven.
    public var method: String?
    public var target: String
    public var protocolID: ProtocolID
    /// The client's address.
    public var client: String
    /// Nanoseconds since 1970.
    public var since: Int64
    /// Bytes of the client leg.
    public var bytesFromClient: UInt64
    public var bytesToClient: UInt64
    public var state: State

    public init(
        number: UInt64, subject: String?, method: String?, target: String, protocolID: ProtocolID, client: String,
        since: Int64, bytesFromClient: UInt64, bytesToClient: UInt64, state: State
    ) {
        self.number = number
        self.subject = subject
        self.method = method
        self.target = target
        self.protocolID = protocolID
        self.client = client
        self.since = since
        self.bytesFromClient = bytesFromClient
        self.bytesToClient = bytesToClient
        self.state = state
    }
}

extension LiveSession {
    /// The names are those of `wiretrail sessions --json`.
    var members: [String: JSON] {
        [
            "type": "live-session", "session": .unsigned(number), "identity": subject.map { .text($0) } ?? .null,
            "method": method.map { .text($0) } ?? .null, "target": .text(target),
            "protocol": .string(protocolID.rawValue), "client": .text(client), "begun": .moment(since),
            "sent": .unsigned(bytesFromClient), "received": .unsigned(bytesToClient), "state": .string(state.rawValue),
        ]
    }

    init?(_ value: JSON) {
        guard let number = value["session"]?.unsigned, let target = value["target"]?.string,
            let protocolName = value["protocol"]?.string, let client = value["client"]?.string,
            let since = value["begun"]?.moment, let sent = value["sent"]?.unsigned,
            let received = value["received"]?.unsigned, let state = value["state"]?.string.flatMap(State.init)
        else { return nil }
        self.init(
            number: number, subject: value["identity"]?.string, method: value["method"]?.string, target: target,
            protocolID: ProtocolID(rawValue: protocolName), client: client, since: since, bytesFromClient: sent,
            bytesToClient: received, state: state)
    }
}
