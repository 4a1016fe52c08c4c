import Protocols
import Recorder
import Testing

@Suite struct NoteTests {
    @Test(arguments: Annotation.Kind.allCases, ["plain", "with \"quotes\", \\ and \u{1b}[31m", ""])
    func `a note is the JSON of its members, in the order of their names`(kind: Annotation.Kind, reason: String) {
        for otherLeg in [[], [0], Array("GET / HTTP/1.1\r\n\r\n".utf8)] as [[UInt8]] {
            let note = Annotation(kind, .clientToServer, range: 5..<1_000_000, reason: reason, otherLeg: otherLeg)
            var members: [String: JSON] = [
                "v": 1, "kind": .string(kind.rawValue), "from": 5, "to": 1_000_000, "reason": .string(reason),
            ]
            if !otherLeg.isEmpty { members["otherLeg"] = .bytes(otherLeg) }
            #expect(note.encoded() == JSON.object(members).encoded())
        }
    }
}
