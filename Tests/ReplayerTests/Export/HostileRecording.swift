import Protocols
import Recorder
import WireTestKit

/// A recording in which every text that a peer, a rule or a configuration may choose is an attack.
enum HostileRecording {
    /// Where one attack stands in the events that ``fill(_:with:)`` makes.
    static let placeCount = 26

    static func change(_ attacks: [String]) -> (inout StartFacts, inout Identity) -> Void {
        let all = attacks.joined(separator: " ")
        return { start, identity in
            start.client = all
            start.listener = all
            start.target = all
            start.software = all
            start.tls = all
            identity = Identity(subject: all, groups: attacks, method: all, facts: [all: all])
        }
    }

    static func fill(_ recording: TestRecording, with attacks: [String]) {
        recording.add(Conversation.login(user: attacks.joined(separator: " ")))
        for attack in attacks { fill(recording, with: attack) }
    }

    private static func fill(_ recording: TestRecording, with text: String) {
        recording.add(Conversation.query(text, answer: text))
        recording.add(Conversation.prepare(text, text))
        recording.add(Conversation.execute(text, parameter: text))
        recording.add(answered("ERROR", text))
        recording.add(notified(text))
        for kind in Annotation.Kind.allCases {
            recording.add(
                .note, .clientToServer, Annotation(kind, .clientToServer, range: 0..<1, reason: text).encoded())
        }
    }

    /// A query whose answer has this name of a column, and then an error in which every field has this text.
    private static func answered(_ severity: String, _ text: String) -> [WireTurn] {
        let column =
            Conversation.text(text) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]
        var fields = [UInt8(ascii: "S")] + Conversation.text(severity)
        for field in "CMDHPpqWsctdnFLR" { fields += [field.asciiValue!] + Conversation.text(text) }
        return [
            .bytes(Conversation.message("Q", Conversation.text(text)), .clientToServer),
            .bytes(
                Conversation.message("T", [0, 1] + column) + Conversation.message("E", fields + [0])
                    + Conversation.ready,
                .serverToClient),
        ]
    }

    private static func notified(_ text: String) -> [WireTurn] {
        let content = [0, 0, 0, 7] + Conversation.text(text) + Conversation.text(text)
        return [
            .bytes(
                Conversation.message("A", content)
                    + Conversation.message("S", Conversation.text(text) + Conversation.text(text)), .serverToClient)
        ]
    }
}
