public import Protocols

/// The connections of one capture, as they ran beside each other.
public struct CapturedSession: Sendable {
    public struct Turn: Sendable {
        /// Counts from 1, in the order in which the connections began to speak.
        public var connection: UInt32
        public var direction: Direction
        public var bytes: [UInt8]
    }

    public let turns: [Turn]

    /// - Parameter path: a capture of undisturbed connections, in which clients speak first.
    public init(path: String) async throws {
        let fields = ["tcp.stream", "tcp.srcport", "tcp.payload"].flatMap { ["-e", $0] }
        let output = try await Command("tshark", ["-r", path, "-Y", "tcp.len > 0", "-T", "fields"] + fields).output()
        var numbers: [Substring: UInt32] = [:]
        var clients: [Substring: Substring] = [:]
        turns = output.split(separator: "\n").map { line in
            let columns = line.split(separator: "\t")
            let (stream, port) = (columns[0], columns[1])
            let number = numbers[stream] ?? UInt32(numbers.count + 1)
            numbers[stream] = number
            if clients[stream] == nil { clients[stream] = port }
            let digits = columns[2].utf8.map { $0 < 0x3a ? $0 - 0x30 : ($0 | 0x20) - 0x57 }
            return Turn(
                connection: number, direction: clients[stream] == port ? .clientToServer : .serverToClient,
                bytes: stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
        }
    }

    /// One connection's turns.
    public func turns(of connection: UInt32) -> [WireTurn] {
        turns.filter { $0.connection == connection }.map { .bytes($0.bytes, $0.direction) }
    }

    public var connections: ClosedRange<UInt32> { 1...max(1, turns.map(\.connection).max() ?? 1) }
}
