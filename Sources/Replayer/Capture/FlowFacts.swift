import Protocols

/// What is told of a flow before its events.
public struct FlowFacts: Sendable, Hashable {
    /// In the order of first packets, from 0.
    public var number: UInt64
    public var client: FlowEndpoint
    public var server: FlowEndpoint
    /// A protocol's name, "tls", "unknown", or "silent" where nothing was said.
    public var speech: String
    /// The protocol that the server's port is registered for, where it is another than the one that is spoken.
    public var expected: String?
    public var firstPacket: UInt64
    /// Nanoseconds since 1970.
    public var begunWallNanoseconds: Int64
}

/// What is told of a flow after its events.
struct FlowEnding: Sendable, Hashable {
    var number: UInt64
    /// "closed", "reset" or "open".
    var ending: String
    var packets: UInt64
    var clientBytes: UInt64
    var serverBytes: UInt64
    var endedWallNanoseconds: Int64
}

extension FlowFollower {
    var facts: FlowFacts {
        let speech = reader.speech.name
        let expected = registeredSpeech(server.port).flatMap { $0 == speech || speech == "silent" ? nil : $0 }
        return FlowFacts(
            number: number, client: client, server: server, speech: speech, expected: expected,
            firstPacket: first.number, begunWallNanoseconds: first.wallNanoseconds)
    }

    var end: FlowEnding {
        FlowEnding(
            number: number, ending: ending.rawValue, packets: packetCount,
            clientBytes: reader.packets[reader.client.rawValue].end,
            serverBytes: reader.packets[reader.client.opposite.rawValue].end, endedWallNanoseconds: lastWallNanoseconds)
    }
}

/// Service names of IANA's registry, where it names a protocol that is read here.
private func registeredSpeech(_ port: UInt16) -> String? {
    switch port {
    case 22: "ssh"
    case 80, 8080: "http"
    case 443: "tls"
    case 5432: "postgres"
    default: nil
    }
}

extension FlowSpeech {
    var name: String {
        switch self {
        case .silent: "silent"
        case .known(let id): id.rawValue
        case .tls: "tls"
        case .undecided, .unknown: "unknown"
        }
    }
}
