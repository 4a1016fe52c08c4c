import Gateway
import Protocols
import Testing

@Suite struct LegLedgerTests {
    private var ledger = LegLedger()

    private mutating func entries(
        _ actions: [ProxyAction], _ window: String, _ direction: Direction
    ) -> [LegLedger.Entry] {
        let bytes = Array(window.utf8)
        var entries: [LegLedger.Entry] = []
        for action in actions { ledger.entries(for: action, bytes.span, direction, into: &entries) }
        return entries
    }

    @Test mutating func `forwarded bytes are recorded from where they lie, without a copy`() {
        let found = entries([.forward(0..<4)], "abcd", .clientToServer)
        #expect(found == [.window(.clientToServer, 0..<4)])
    }

    @Test mutating func `a secret is filler of the same length, and a note says where and why`() {
        _ = entries([.forward(0..<4)], "head", .clientToServer)
        let found = entries(
            [.forwardRedacted(2..<12, secrets: [5..<9], reason: "password")], "..pw:hunt;..", .clientToServer)
        #expect(
            found == [
                .bytes(.clientToServer, Array("pw:****;..".utf8)),
                .note(Annotation(.redaction, .clientToServer, range: 7..<11, reason: "password")),
            ])
    }

    @Test mutating func `what the client sent is recorded though other bytes went on`() {
        let found = entries(
            [.replace(0..<3, secrets: [], by: Array("newer".utf8), secretsOfNew: [3..<5], reason: "edited")],
            "old", .clientToServer)
        let note = Annotation(
            .replaced, .clientToServer, range: 0..<3, reason: "edited", otherLeg: Array("new**".utf8))
        #expect(found == [.window(.clientToServer, 0..<3), .note(note)])
    }

    @Test mutating func `what the client received is recorded though the upstream said other bytes`() {
        let found = entries(
            [.replace(0..<3, secrets: [1..<3], by: Array("newer".utf8), secretsOfNew: [], reason: "edited")],
            "old", .serverToClient)
        let note = Annotation(
            .replaced, .serverToClient, range: 0..<5, reason: "edited", otherLeg: Array("o**".utf8))
        #expect(found == [.bytes(.serverToClient, Array("newer".utf8)), .note(note)])
    }

    @Test mutating func `refused bytes were on the client's leg, and no other`() {
        let found = entries(
            [.refused(0..<4, rule: "no drops"), .reply(.client, Array("no".utf8))], "drop", .clientToServer)
        #expect(
            found == [
                .window(.clientToServer, 0..<4),
                .note(Annotation(.refused, .clientToServer, range: 0..<4, reason: "no drops")),
                .bytes(.serverToClient, Array("no".utf8)),
                .note(Annotation(.synthesized, .serverToClient, range: 0..<2, reason: "said by the gateway")),
            ])
    }

    @Test mutating func `withheld bytes of the upstream are kept in the note alone`() {
        let found = entries([.withhold(0..<4, secrets: [], reason: "hidden")], "data", .serverToClient)
        let note = Annotation(
            .withheld, .serverToClient, range: 0..<0, reason: "hidden", otherLeg: Array("data".utf8))
        #expect(found == [.note(note)])
    }
}
