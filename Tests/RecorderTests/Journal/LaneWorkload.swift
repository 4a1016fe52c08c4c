import Protocols
import WireTestKit

@testable import Recorder

/// What one event loop would do to its lane: connections that come, talk and go, interleaved. Its seed decides everything.
///
/// Confined to the thread that runs it; what it recorded is read afterwards.
final class LaneWorkload: @unchecked Sendable {
    /// What was recorded of one connection.
    struct Connection {
        let recording: Recording
        /// The pieces of ``noise`` that went through, in order.
        var sent: [(direction: Direction, range: Range<Int>)] = []
        /// Where the journal held each of them.
        var positions: [JournalPosition] = []
        var isFinished = false
    }

    /// Where all content comes from.
    static let noise: [UInt8] = {
        var random = SplitMix64(seed: 1)
        // A prime number of bytes: no two pages repeat each other.
        let block = (0..<65_537).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        return (0..<32).reduce(into: []) { noise, _ in noise += block }
    }()

    private(set) var connections: [RecordingID: Connection] = [:]
    private(set) var fault: RecorderError?
    private let lane: RecorderLane
    private let room = Doorbell()
    private var random: SplitMix64
    private var open: [RecordingID] = []
    private let openMaximum: Int
    private let sizeMaximum: Int

    init(_ lane: RecorderLane, seed: UInt64, openMaximum: Int = 20, sizeMaximum: Int = 1 << 20) {
        self.lane = lane
        random = SplitMix64(seed: seed)
        self.openMaximum = openMaximum
        self.sizeMaximum = sizeMaximum
        lane.setHandlers(onDurable: { _ in }, onRoom: { [room] in room.ring() })
    }

    /// Runs as many connections to their end, or until something cannot be recorded.
    func run(connections count: Int) {
        do throws(RecorderError) {
            while connections.count < count || !open.isEmpty { try step(mayBegin: connections.count < count) }
        } catch { fault = error }
    }

    /// Waits for room as a connection does, and takes one step.
    func step(mayBegin: Bool = true) throws(RecorderError) {
        while !lane.hasRoom { room.wait(milliseconds: -1) }
        if mayBegin, open.count < openMaximum, random.next() % 8 == 0 || open.isEmpty {
            let recording = try lane.begin(.test, at: .now)
            connections[recording.id] = Connection(recording: recording)
            return open.append(recording.id)
        }
        let index = Int(random.next() % UInt64(open.count))
        if random.next() % 24 == 0 { return finish(index) }
        try send(on: open[index])
    }

    /// Ends all connections.
    func finishAll() {
        while !open.isEmpty { finish(0) }
    }

    private func finish(_ index: Int) {
        let id = open.remove(at: index)
        connections[id]?.recording.finish("done", at: .now)
        connections[id]?.isFinished = true
    }

    private func send(on id: RecordingID) throws(RecorderError) {
        guard let recording = connections[id]?.recording else { return }
        let direction = random.next() % 2 == 0 ? Direction.clientToServer : .serverToClient
        let start = Int(random.next() % UInt64(Self.noise.count))
        let range = start..<min(Self.noise.count, start + size())
        let bytes = Self.noise.span.extracting(range)
        let position = try recording.data(bytes, direction, stream: 0, at: .now)
        connections[id]?.sent.append((direction, range))
        connections[id]?.positions.append(position)
    }

    /// Mostly small, as in life; sometimes as large as allowed.
    private func size() -> Int {
        switch random.next() % 64 {
        case 0: 0
        case 1: Int(random.next() % UInt64(sizeMaximum + 1))
        case 2...12: Int(random.next() % UInt64(min(sizeMaximum, 40_000) + 1))
        default: Int(random.next() % 200)
        }
    }
}

extension LaneWorkload.Connection {
    /// What one direction must read as.
    func bytes(_ direction: Direction) -> [UInt8] { bytes(direction, pieces: sent.count) }

    /// What the first pieces must read as.
    func bytes(_ direction: Direction, pieces: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for piece in sent.prefix(pieces) where piece.direction == direction {
            bytes += LaneWorkload.noise[piece.range]
        }
        return bytes
    }
}
