import Protocols

/// A capture file, taken apart by Wireshark: reassembled, in order.
public struct Capture: Sendable {
    public let path: String
    /// Whoever sends from one of these is the server.
    public let serverPorts: Set<String>

    public init(path: String, serverPorts: Set<String>) {
        self.path = path
        self.serverPorts = serverPorts
    }

    /// The turns of each stream's conversation, in the order in which they were captured.
    public func conversations() async throws -> [[WireTurn]] {
        let streams = Set(try await tshark(["-T", "fields", "-e", "tcp.stream"]).split(separator: "\n"))
        var conversations: [[WireTurn]] = []
        for stream in 0..<streams.count {
            conversations.append(turns(try await tshark(["-q", "-z", "follow,tcp,raw,\(stream)"])))
        }
        return conversations
    }

    /// The same with holes where segments are missing; for captures whose segments are in order.
    public func conversationsWithHoles() async throws -> [[WireTurn]] {
        let fields = ["tcp.stream", "tcp.srcport", "tcp.seq", "tcp.payload"].flatMap { ["-e", $0] }
        let lines = try await tshark(["-Y", "tcp.len > 0", "-T", "fields"] + fields).split(separator: "\n")
        var conversations: [[WireTurn]] = []
        var expected: [[Direction: UInt64]] = []
        for line in lines {
            let columns = line.split(separator: "\t")
            guard columns.count == 4, let stream = Int(columns[0]), let sequence = UInt64(columns[2]) else { continue }
            while conversations.count <= stream {
                conversations.append([])
                expected.append([:])
            }
            let direction = direction(sourcePort: String(columns[1]))
            let next = expected[stream][direction] ?? sequence
            if sequence > next { conversations[stream].append(.gap(sequence - next, direction)) }
            let content = bytes(columns[3]).dropFirst(Int(next > sequence ? next - sequence : 0))
            conversations[stream].append(.bytes(Array(content), direction))
            expected[stream][direction] = max(next, sequence) + UInt64(content.count)
        }
        return conversations
    }

    /// Hexadecimal lines; those of the second node are indented.
    private func turns(_ follow: String) -> [WireTurn] {
        var first = Direction.clientToServer
        var turns: [WireTurn] = []
        for line in follow.split(separator: "\n") {
            if line.hasPrefix("Node 0:") {
                first = direction(sourcePort: String(line.split(separator: ":").last ?? ""))
            }
            let digits = line.drop { $0 == "\t" }
            guard !digits.isEmpty, digits.allSatisfy(\.isHexDigit) else { continue }
            turns.append(.bytes(bytes(digits), line.hasPrefix("\t") ? first.opposite : first))
        }
        return turns
    }

    private func direction(sourcePort: String) -> Direction {
        serverPorts.contains(sourcePort) ? .serverToClient : .clientToServer
    }

    private func bytes(_ digits: Substring) -> [UInt8] {
        let values = digits.utf8.map { $0 < 0x3A ? $0 - 0x30 : ($0 | 0x20) - 0x57 }
        return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    private func tshark(_ arguments: [String]) async throws -> String {
        try await Command("tshark", ["-r", path] + arguments).output()
    }
}
