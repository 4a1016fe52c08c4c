import Adapters
import Protocols
import Recorder
import Replayer
import Testing

@Suite struct TimelineReaderTests {
    private static func header(_ type: RecordType, _ direction: Direction? = nil, at sequence: UInt64) -> RecordHeader {
        RecordHeader(
            type, direction: direction, sequence: sequence, gatewaySequence: sequence,
            time: Timestamp(monotonicNanoseconds: sequence * 1000, wallNanoseconds: Int64(sequence) * 1000))
    }

    @Test func `a record that cannot be read becomes an event`() {
        var reader = TimelineReader(protocols: ProtocolRegistry.all)
        reader.record(Self.header(.start, at: 1), Array("{}".utf8).span)
        reader.record(Self.header(.note, at: 2), Array("no JSON".utf8).span)
        reader.record(Self.header(.data, at: 3), [1, 2].span)
        let events = reader.drain()
        #expect(events.map(\.kind) == ["fault", "fault", "fault"])
        #expect(events.map(\.sequence) == [1, 2, 3])
        #expect(events[1].title.contains("record 2"))
    }

    @Test func `a protocol that nobody can read still tells who, what is missing and how much went by`() {
        var reader = TimelineReader(protocols: [])
        let facts = StartFacts(
            protocolID: ProtocolID(rawValue: "gopher"), client: "c", listener: "l", target: "t", software: "s",
            sessionNumber: 1, previousLedgerHash: [UInt8](repeating: 0, count: 32))
        reader.record(Self.header(.start, at: 1), facts.encoded().span)
        let alice = IdentityFacts(Identity(subject: "alice", method: "peer-uid"))
        reader.record(Self.header(.identity, at: 2), alice.encoded().span)
        reader.record(Self.header(.data, .clientToServer, at: 3), [1, 2, 3].span)
        reader.record(
            Self.header(.gap, .clientToServer, at: 4), GapFacts(length: 5, reason: "test").encoded().span)
        reader.record(Self.header(.gap, at: 5), GapFacts(length: nil, reason: "test").encoded().span)
        reader.finish()
        let events = reader.drain()
        #expect(events.map(\.kind) == ["identity", "gap", "gap", "gap", "opaque"])
        #expect(events[1].request == 3..<8)
        #expect(events[4].request == 0..<8)
        #expect(reader.identity?.subject == "alice")
        #expect(reader.start == facts)
    }
}
