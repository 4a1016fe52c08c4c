import Glibc
import Protocols
import Synchronization
import Testing

@testable import Gateway

private struct Mishap: Error, CustomStringConvertible {
    var description: String
}

@Suite struct LogTests {
    private let moment: Int64 = 1_795_234_594_123_456_000

    @Test func `a line for people, and one for programs`() throws {
        let record = LogRecord(
            .warning, "connection refused",
            [.client("127.0.0.1:5"), .session(7), .identity("alice smith"), .cause(Mishap(description: "no \"room\""))])
        #expect(
            record.text(at: moment)
                == #"2026-11-21T04:16:34.123456Z warning connection refused client=127.0.0.1:5 session=7 "#
                + #"identity="alice smith" cause="no \"room\"""#)
        let json = try JSON.parse(record.json(at: moment))
        #expect(json["event"] == "connection refused" && json["level"] == "warning" && json["session"] == 7)
        #expect(json["identity"] == "alice smith" && json["time"] == "2026-11-21T04:16:34.123456Z")
    }

    /// What a peer could try with its name: to forge a line, to move the cursor, to hide.
    @Test(arguments: [
        "a\nb", "\u{1b}[2J", "a\r", "\u{202e}evil", "x\u{0}y", "\u{9b}31m", "a=b c", "\"", "", "\u{2028}",
    ])
    func `what a peer says stays within its field`(_ text: String) throws {
        let record = LogRecord(.info, "session began", [.identity(text), .target("shop")])
        let line = record.text(at: moment)
        #expect(line.hasSuffix(" target=shop"))
        #expect(!line.unicodeScalars.contains { DisplayText.isUnsafe($0) })
        #expect(line.split(separator: " identity=").count == 2)
        let json = record.json(at: moment)
        #expect(!json.unicodeScalars.contains { DisplayText.isUnsafe($0) })
        #expect(try JSON.parse(json)["target"] == "shop")
    }

    @Test func `a long text is cut`() {
        let record = LogRecord(.info, "session began", [.identity(String(repeating: "x", count: 1_000_000))])
        #expect(record.text(at: moment).count < 500)
    }

    @Test func `lines come in order, and those that matter too little do not`() async {
        let lines = Mutex<[String]>([])
        let log = Log(.text, minimum: .info) { line in lines.withLock { $0.append(line) } }
        for number in 0..<40 {
            log.debug("nothing of note")
            log.info("something", .session(UInt64(number)))
        }
        await log.flush()
        let written = lines.withLock { $0 }
        #expect(written.count == 40)
        for (number, line) in written.enumerated() { #expect(line.hasSuffix(" session=\(number)")) }
    }

    @Test func `of many lines of one event most are only counted, and other events are still told`() {
        var limiter = LogLimiter(perSecond: 1, burst: 3)
        let admitted = (0..<100).map { _ in limiter.admit("refused", at: 1_000_000_000) }
        #expect(admitted == [0, 0, 0] + [UInt64?](repeating: nil, count: 97))
        #expect(limiter.admit("killed", at: 1_000_000_000) == 0)
        #expect(limiter.admit("refused", at: 2_000_000_000) == 97)
        #expect(limiter.admit("refused", at: 3_000_000_000) == 0)
    }

    @Test func `a reader that is too slow stops nobody, and learns what it missed`() async {
        let gate = Mutex(())
        let lines = Mutex<[String]>([])
        let isReading = Atomic(false)
        let log = Log(.text) { line in
            isReading.store(true, ordering: .releasing)
            gate.withLock { _ in lines.withLock { $0.append(line) } }
        }
        let events: [StaticString] = [
            "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u",
            "v",
        ]
        gate.withLock { _ in
            log.write(LogRecord(.info, "first"))
            // From now on the reader holds that one, and takes no other.
            while !isReading.load(ordering: .acquiring) { sched_yield() }
            // 22 events of 50 lines each: more than may wait, and as many as the limiter lets through.
            for _ in 0..<50 { for event in events { log.write(LogRecord(.info, event)) } }
        }
        await log.flush()
        let written = lines.withLock { $0 }
        let dropped = written.filter { $0.contains(" lines dropped ") }
        let told = dropped.compactMap { $0.split(separator: "count=").last.flatMap { Int($0) } }.reduce(0, +)
        #expect(told > 0)
        #expect(written.count - dropped.count + told == 1101)
    }
}
