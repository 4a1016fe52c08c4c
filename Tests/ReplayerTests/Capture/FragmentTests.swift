import Protocols
import Replayer
import Testing
import WireTestKit

/// Packets of IP that come in fragments.
@Suite struct FragmentTests {
    private let scratch = ScratchFolder()

    /// A statement of 3,000 bytes in segments of 500, and its answer.
    private static let script: TCPScript = {
        var script = TCPScript()
        script.handshake()
        let login = Array("user".utf8) + [0] + Array("ada".utf8) + [0, 0]
        script.say([0, 0, 0, UInt8(8 + login.count), 0, 3, 0, 0] + login, .lower)
        script.say([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49], .higher)
        let statement = "SELECT '" + (0..<300).map { String(1_000_000_000 + $0 * 7919) }.joined() + "'"
        var query = Array("Q".utf8)
        query.appendBE(UInt32(statement.utf8.count + 5))
        script.say(query + Array(statement.utf8) + [0], .lower, segment: 500)
        script.say(Array("C".utf8) + [0, 0, 0, 13] + Array("SELECT 0".utf8) + [0, 0x5a, 0, 0, 0, 5, 0x49], .higher)
        script.finish(.lower)
        script.finish(.higher)
        return script
    }()

    /// What is told of raw IP packets, and the last line.
    private func told(_ packets: [[UInt8]], pauses: [Int: UInt64] = [:]) async throws -> (events: [JSON], end: JSON) {
        var writer = CaptureWriter(.pcapNanoseconds, .raw)
        for (index, packet) in packets.enumerated() {
            if let pause = pauses[index] { writer.pause(seconds: pause) }
            writer.append(frame: packet)
        }
        let path = scratch.path + "/x.pcap"
        try write(writer.bytes, to: path)
        let (lines, failure) = try await decoded(path)
        #expect(failure == nil)
        return (lines.filter { $0["type"] == "event" }, try #require(lines.last))
    }

    private func cut(_ version: IPFragments.Version, size: Int) -> [[[UInt8]]] {
        Self.script.packets.enumerated().map { index, packet in
            IPFragments.cut(packet, version, size: size, identification: UInt16(index + 1))
        }
    }

    /// What is said, and its outcome.
    private func story(_ events: [JSON]) -> [[JSON?]] {
        events.map { [$0["kind"], $0["title"], $0["outcome"], $0["request"], $0["response"]] }
    }

    @Test(arguments: IPFragments.Version.allCases, [8, 64, 4000])
    func `fragments in any order, some of them twice, are the packets that they were`(
        _ version: IPFragments.Version, _ size: Int
    ) async throws {
        let whole = try await told(cut(.four, size: 4000).flatMap(\.self))
        #expect(whole.events.contains { $0["title"]?.string?.hasPrefix("SELECT '") == true })
        #expect(whole.end["fragments"] == 0)
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        let packets = cut(version, size: size).map { fragments in
            (fragments + (fragments.count > 1 ? [fragments[0]] : [])).shuffled(using: &random)
        }
        let (events, end) = try await told(packets.flatMap(\.self))
        #expect(story(events) == story(whole.events), "seed \(seed)")
        #expect(end["contradictions"] ?? 0 == 0, "seed \(seed)")
        if size == 64 { #expect(end["assembled"] == 6, "seed \(seed)") }
    }

    @Test(arguments: IPFragments.Version.allCases)
    func `a fragment that never comes leaves a gap, and is counted`(_ version: IPFragments.Version) async throws {
        var packets = cut(version, size: 64)
        let victim = try #require(packets.firstIndex { $0.count > 5 })
        let count = packets[victim].count
        packets[victim].remove(at: 3)
        let (events, end) = try await told(packets.flatMap(\.self))
        #expect(events.contains { $0["kind"] == "gap" && $0["title"] == "500 bytes from the client missing" })
        #expect(end["fragmentsLeft"] == .unsigned(UInt64(count - 1)))
    }

    @Test(arguments: IPFragments.Version.allCases, [true, false])
    func `a packet whose fragments contradict each other is given up`(
        _ version: IPFragments.Version, _ comesFirst: Bool
    ) async throws {
        var packets = cut(version, size: 64)
        let victim = try #require(packets.firstIndex { $0.count > 5 })
        // Eight bytes within the second and the third fragment are others.
        let other = IPFragments.fragment(
            [UInt8](repeating: 0x21, count: 80), version, Self.script.packets[victim], UInt16(victim + 1), offset: 72,
            isLast: false)
        packets[victim].insert(other, at: comesFirst ? 0 : 4)
        let (events, end) = try await told(packets.flatMap(\.self))
        #expect(end["contradictions"] == 1)
        #expect(events.contains { $0["kind"] == "gap" && $0["title"] == "500 bytes from the client missing" })
        #expect(!events.contains { "\($0)".contains("!!!!") })
    }

    /// Identifications come again: what is long past belongs to another packet.
    @Test func `what does not come within half a minute is given up`() async throws {
        let packets = cut(.four, size: 64)
        let victim = try #require(packets.firstIndex { $0.count > 5 })
        let before = packets[..<victim].reduce(0) { $0 + $1.count }
        for (pause, isTold) in [(UInt64(20), true), (40, false)] {
            let (events, end) = try await told(packets.flatMap(\.self), pauses: [before + 2: pause])
            #expect(events.contains { $0["kind"] == "gap" } == !isTold)
            #expect((end["fragmentsLeft"] == 0) == isTold)
        }
    }

    @Test func `the last fragment's end holds, and what a capture cuts off ends nothing`() async throws {
        var packets = cut(.four, size: 64)
        let victim = try #require(packets.firstIndex { $0.count > 5 })
        packets[victim][packets[victim].count - 1].removeLast(4)
        let (events, end) = try await told(packets.flatMap(\.self))
        #expect(events.contains { $0["kind"] == "gap" && $0["title"] == "500 bytes from the client missing" })
        #expect(end["contradictions"] == 0)
        let beyond = IPFragments.fragment(
            [UInt8](repeating: 0, count: 8), .four, Self.script.packets[victim], UInt16(victim + 1), offset: 65_520,
            isLast: false)
        packets = cut(.four, size: 64)
        packets[victim].append(beyond)
        #expect(try await told(packets.flatMap(\.self)).end["contradictions"] == 0)
        packets[victim].swapAt(packets[victim].count - 1, packets[victim].count - 2)
        #expect(try await told(packets.flatMap(\.self)).end["contradictions"] == 1)
    }

    /// Of 20,000 packets one fragment each comes, as far behind as it may be.
    @Test func `fragments without others are held in bounded memory`() async throws {
        let piece = [UInt8](repeating: 0, count: 8)
        let packets = (0..<20_000).map { number in
            IPFragments.fragment(
                piece, .six, Self.script.packets[0], UInt16(number), offset: 60_000, isLast: false)
        }
        let own = cut(.six, size: 64).flatMap(\.self)
        let (events, end) = try await told(packets + own)
        #expect(end["fragmentsLeft"] == 20_000)
        #expect(events.contains { $0["title"]?.string?.hasPrefix("SELECT '") == true })
    }
}
