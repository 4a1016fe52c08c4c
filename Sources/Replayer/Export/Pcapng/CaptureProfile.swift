import Protocols
import Recorder

/// What a capture says of the connection's ends.
struct CaptureProfile: Sendable {
    /// TEST-NET-1 (RFC 5737), for peers whose addresses are not of the Internet.
    private static let unknownClient = InternetAddress(host: [192, 0, 2, 1], port: 49_152)
    private static let unknownServer = InternetAddress(host: [192, 0, 2, 2], port: 0)

    let client: InternetAddress
    /// The listener's address, with the port by which dissectors know the protocol.
    let server: InternetAddress

    /// - Parameter number: of the connection in its session; keeps clients without addresses apart.
    init(_ start: StartFacts?, number: UInt32 = 1) {
        var unknown = Self.unknownClient
        unknown.port &+= UInt16(truncatingIfNeeded: number &- 1)
        var client = start.flatMap { InternetAddress($0.client) } ?? unknown
        var server = start.flatMap { InternetAddress($0.listener) } ?? Self.unknownServer
        if let port = Self.registeredPort(start?.protocolID) { server.port = port }
        if client == server { client.port = unknown.port }
        (self.client, self.server) = (client, server)
    }

    /// Of the Service Name and Transport Protocol Port Number Registry (RFC 6335); `nil` where the listener's stays.
    private static func registeredPort(_ protocolID: ProtocolID?) -> UInt16? {
        switch protocolID?.rawValue {
        case "postgres": 5432
        case "http": 80
        case "ssh": 22
        default: nil
        }
    }

    /// "recording …, session 12, from … to …, target orders; TCP is synthesized".
    func comment(_ heading: TimelineHeading) -> String {
        var parts = ["recording \(heading.recording)"]
        if let start = heading.start {
            parts += [
                "session \(start.sessionNumber)", "from \(start.client) to \(start.listener)", "target \(start.target)",
                start.tls.map { "inside TLS (\($0))" } ?? "no TLS",
            ]
        }
        return parts.joined(separator: ", ") + "; the packets are synthesized from the recording"
    }
}
