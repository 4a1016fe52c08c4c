import Protocols
import Testing
import WireTestKit

/// Wireshark's own reading of a capture. Port 8000 is where one public capture speaks the protocol.
struct Tshark {
    struct Key: Hashable {
        let stream: Int
        let direction: Direction
    }

    /// A message as `pgsql.type` and `pgsql.length` tell it.
    struct Message: Equatable, CustomStringConvertible {
        let type: String
        let length: Int

        var description: String { "\(type) \(length)" }
    }

    static let serverPorts: Set<String> = ["5432", "8000"]

    let path: String

    /// The messages of each stream and direction that Wireshark's dissector finds, in order.
    func messages() async throws -> [Key: [Message]] {
        let fields = ["tcp.stream", "tcp.srcport", "pgsql.type", "pgsql.length"].flatMap { ["-e", $0] }
        let lines = try await run(["-Y", "pgsql", "-T", "fields", "-E", "separator=|"] + fields)
        var messages: [Key: [Message]] = [:]
        for line in lines.split(separator: "\n") {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            let types = fields[2].split(separator: ",")
            let lengths = fields[3].split(separator: ",").compactMap { Int($0) }
            try #require(types.count == lengths.count)
            let stream = try #require(Int(fields[0]))
            let key = Key(stream: stream, direction: direction(sourcePort: String(fields[1])))
            messages[key, default: []] += zip(types, lengths).map { Message(type: String($0), length: $1) }
        }
        return messages
    }

    func conversations() async throws -> [[WireTurn]] {
        try await Capture(path: path, serverPorts: Self.serverPorts).conversations()
    }

    private func direction(sourcePort: String) -> Direction {
        Self.serverPorts.contains(sourcePort) ? .serverToClient : .clientToServer
    }

    private func run(_ arguments: [String]) async throws -> String {
        try await Command("tshark", ["-r", path, "-d", "tcp.port==8000,pgsql"] + arguments).output()
    }
}

extension Tshark.Message {
    /// The same message as our decoder names it; `nil` for what Wireshark does not list: the one-byte replies to
    /// encryption requests.
    init?(_ entry: WireTrace<PostgresMessage>.Entry) {
        switch entry {
        case .message(let message, _, let total):
            guard let name = Self.name(message) else { return nil }
            self.init(type: name, length: Self.isTagged(message) ? total - 1 : total)
        case .head(let message, _, let body):
            guard let name = Self.name(message), let body else { return nil }
            self.init(type: name, length: 4 + Int(body))
        case .body, .become, .opaque: return nil
        }
    }

    private static func isTagged(_ message: PostgresMessage) -> Bool {
        switch message {
        case .sslRequest, .gssEncryptionRequest, .startup, .cancelRequest: false
        default: true
        }
    }

    private static func name(_ message: PostgresMessage) -> String? {
        switch message {
        case .encryptionReply: nil
        case .sslRequest: "SSL request"
        case .gssEncryptionRequest: "GSS encrypt request"
        case .cancelRequest: "Cancel request"
        case .startup: "Startup message"
        case .negotiateProtocolVersion: "Negotiate protocol version"
        case .authentication: "Authentication request"
        case .password: "Password message"
        case .saslInitialResponse: "SASLInitialResponse message"
        case .saslResponse: "SASLResponse message"
        case .gssResponse: "GSSResponse message"
        case .backendKeyData: "Backend key data"
        case .query, .longRequest(.query): "Simple query"
        case .parse, .longRequest(.parse): "Parse"
        case .bind, .longRequest(.bind): "Bind"
        case .describe: "Describe"
        case .execute: "Execute"
        case .close: "Close"
        case .flush: "Flush"
        case .sync: "Sync"
        case .functionCall, .longRequest(.functionCall): "Function call"
        case .terminate: "Termination"
        case .parseComplete: "Parse completion"
        case .bindComplete: "Bind completion"
        case .closeComplete: "Close completion"
        case .portalSuspended: "Portal suspended"
        case .noData: "No data"
        case .emptyQueryResponse: "Empty query"
        case .parameterDescription, .longResponse(.parameterDescription): "Parameter description"
        case .rowDescription, .longResponse(.rowDescription): "Row description"
        case .dataRow, .longResponse(.dataRow): "Data row"
        case .commandComplete: "Command completion"
        case .functionCallResponse, .longResponse(.functionCallResponse): "Function call response"
        case .readyForQuery: "Ready for query"
        case .errorResponse, .longResponse(.errorResponse): "Error"
        case .noticeResponse, .longResponse(.noticeResponse): "Notice"
        case .notificationResponse, .longResponse(.notificationResponse): "Notification"
        case .parameterStatus: "Parameter status"
        case .copyInResponse: "CopyIn response"
        case .copyOutResponse: "CopyOut response"
        case .copyBothResponse: "CopyBoth response"
        case .copyData, .longRequest(.copyData), .longResponse(.copyData): "Copy data"
        case .copyDone: "Copy completion"
        case .copyFail: "Copy failure"
        case .longRequest, .longResponse: "never long"
        }
    }
}
