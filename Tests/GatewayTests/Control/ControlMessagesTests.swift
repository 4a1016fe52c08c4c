import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// Requests and replies as text.
@Suite struct ControlMessagesTests {
    static let requests: [ControlRequest] = [
        .status, .sessions, .questions, .reload, .follow, .kill(session: 7, reason: "it is \u{202e}late"),
        .kill(session: 1, reason: ""), .answer(question: 9, .allow, reason: "checked"),
        .answer(question: UInt64(Int64.max), .deny, reason: "“no”\n"),
    ]

    static let replies: [ControlReply] = [
        .status(
            GatewayStatus(
                version: "1.0", processID: 42, since: 1_795_000_000_123_456_000, listeners: ["127.0.0.1:6432"],
                targets: ["db:5432/shop"],
                obstacles: ["the disk is full"], sessions: 3, questions: 1, configuration: "/etc/wiretrail.yaml")),
        .session(
            LiveSession(
                number: 7, subject: "alice", method: "peer-uid", target: "shop", protocolID: .postgres,
                client: "127.0.0.1:5", since: 1_795_000_000_000_001_000, bytesFromClient: 1, bytesToClient: 2,
                state: .asking)),
        .session(
            LiveSession(
                number: 8, subject: nil, method: nil, target: "", protocolID: .postgres, client: "", since: 0,
                bytesFromClient: 0, bytesToClient: 0, state: .connecting)),
        .question(
            OpenQuestion(
                id: 3, session: 7, asker: "alice", rule: "drops", title: "DROP TABLE \u{1b}[2J t", asked: 1000,
                expires: 2000)),
        .event(
            LiveEvent(
                time: 1000, level: .warning, event: "caller turned away", fields: ["session": 7, "reason": "\u{1b}"])),
        .reloaded(waiting: ["state", "metrics"]), .reloaded(waiting: []), .done,
        .error(ControlFault(.ownQuestion, "no")),
    ]

    @Test(arguments: requests)
    func `a request survives the way over the socket`(_ request: ControlRequest) throws {
        #expect(try ControlRequest(line: request.encoded().span) == request)
    }

    @Test(arguments: replies)
    func `a reply survives the way over the socket`(_ reply: ControlReply) {
        let line = reply.json.encoded()
        #expect(ControlReply(line: line.span) == reply)
        #expect(!line.contains(UInt8(ascii: "\n")))
        #expect(!line.contains(0x1b))
    }

    @Test(arguments: [
        "", "{", "[]", "7", "null", "{}", #"{"v":1}"#, #"{"v":2,"do":"status"}"#, #"{"v":"1","do":"status"}"#,
        #"{"do":"status"}"#, #"{"v":1,"do":"Status"}"#, #"{"v":1,"do":["status"]}"#, #"{"v":1,"do":"shutdown"}"#,
        #"{"v":1,"do":"status","do":"reload"}"#, #"{"v":1,"do":"status","force":true}"#,
        #"{"v":1,"do":"status"} {"v":1,"do":"reload"}"#, #"{"v":1,"do":"kill"}"#, #"{"v":1,"do":"kill","session":-1}"#,
        #"{"v":1,"do":"kill","session":"7"}"#, #"{"v":1,"do":"kill","session":7.0}"#,
        #"{"v":1,"do":"kill","session":9223372036854775808}"#, #"{"v":1,"do":"kill","session":7,"raeson":"x"}"#,
        #"{"v":1,"do":"kill","session":7,"reason":7}"#, #"{"v":1,"do":"answer","question":1}"#,
        #"{"v":1,"do":"answer","question":1,"answer":"ALLOW"}"#, #"{"v":1,"do":"answer","question":1,"answer":"yes"}"#,
        #"{"v":1,"do":"answer","question":1,"answer":"allow","by":"root"}"#,
        #"{"v":1,"do":"answer","question":[[[1]]],"answer":"allow"}"#, "{\"v\":1,\"do\":\"status\"\u{0}}",
    ])
    func `what is no request is refused and never guessed at`(_ line: String) {
        #expect {
            try ControlRequest(line: Array(line.utf8).span)
        } throws: {
            ($0 as? ControlFault)?.code == .badRequest
        }
    }

    @Test func `what the fuzzer starts from and found holds`() throws {
        for input in try FuzzInput.all(of: "FuzzControl") {
            #expect(ControlProperties.violation(input.bytes) == nil, "\(input.path)")
            // Cut and altered: what a broken client could say.
            for place in input.bytes.indices where place % 7 == 0 {
                #expect(
                    ControlProperties.violation(Array(input.bytes[..<place])) == nil, "\(input.path) up to \(place)")
                var altered = input.bytes
                altered[place] ^= 0x20
                #expect(ControlProperties.violation(altered) == nil, "\(input.path), altered at \(place)")
            }
        }
    }

    @Test func `a reason has a limit`() throws {
        let most = String(repeating: "ü", count: ControlProtocol.reasonScalarsMaximum)
        let request = ControlRequest.kill(session: 1, reason: most)
        #expect(try ControlRequest(line: request.encoded().span) == request)
        #expect(throws: ControlFault.self) {
            try ControlRequest(line: ControlRequest.kill(session: 1, reason: most + "x").encoded().span)
        }
    }

    @Test(arguments: [
        "", "{}", #"{"v":2,"type":"done"}"#, #"{"v":1,"type":"live-session"}"#, #"{"v":1,"type":"finished"}"#,
    ])
    func `what is no reply is not understood`(_ line: String) {
        #expect(ControlReply(line: Array(line.utf8).span) == nil)
    }

    @Test func `a member that is added later does not confuse a client`() {
        let line = Array(#"{"v":1,"type":"done","new":{"a":[1]}}"#.utf8)
        #expect(ControlReply(line: line.span) == .done)
    }

    @Test func `the longest reply fits a line`() {
        let long = String(repeating: "\u{e0001}", count: 100_000)
        let question = OpenQuestion(
            id: .max, session: .max, asker: long, rule: long, title: long, asked: 0, expires: 1)
        let line = ControlReply.question(question).json.encoded()
        #expect(line.count <= ControlProtocol.replyBytesMaximum)
        #expect(ControlReply(line: line.span) != nil)
    }

    @Test(arguments: 1...5)
    func `lines come out alike however the bytes are cut`(_ size: Int) {
        let bytes = Array("one\n\ntwo three\nfour\n".utf8)
        var lines = LineBuffer(limit: 9)
        var found: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines.append(bytes[start..<min(bytes.count, start + size)].span)
            while case .whole(let line) = lines.next() { found.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(found == ["one", "", "two three", "four"])
    }

    @Test func `a line that is too long is found before it has come whole`() {
        var lines = LineBuffer(limit: 4)
        lines.append(Array("four\nfive".utf8).span)
        #expect(lines.next() == .whole(Array("four".utf8)))
        #expect(lines.next() == nil)
        lines.append(Array("s".utf8).span)
        #expect(lines.next() == .tooLong)
        var whole = LineBuffer(limit: 4)
        whole.append(Array("fives\n".utf8).span)
        #expect(whole.next() == .tooLong)
    }
}
