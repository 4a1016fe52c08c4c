import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

/// Pages in a real browser.
@Suite struct PageExportTests {
    @Test func `a session is told in its head, its list and its tables`() async throws {
        let page = try ExportedPage { recording in
            recording.add(Conversation.login(user: "alice"))
            recording.add(Conversation.query("SELECT name FROM customer", answer: "Grace"))
            recording.add(Conversation.query("DELETE FROM customer", tag: "DELETE 3", status: "I"))
        }
        let reader = try await PageReader(page.path, ["open=3"])
        #expect(reader.complaints == [])
        #expect(reader.title == "alice on orders · Wiretrail")
        for part in [
            "alice on orders", "Complete and unchanged", "signed by a test", "proven by peer-uid · uid 1000",
            "127.0.0.1:50000", "not encrypted (no TLS)", "It has 4 events: nothing failed.",
            "The recording is complete",
        ] {
            #expect(reader.text.contains(part), "\(part)")
        }
        let opened = try #require(reader.steps[0].string)
        for part in ["SELECT name FROM customer", "result: 1 row", "Grace", "tag\nSELECT 1"] {
            #expect(opened.contains(part), "\(opened)")
        }
    }

    @Test func `search, filters, folding and pages show what they say`() async throws {
        let page = try ExportedPage { recording in
            recording.add(Conversation.login(user: "alice"))
            for number in 1...250 {
                recording.add(Conversation.query("SELECT \(number)", answer: "value\(number)"))
            }
            let rule = Annotation(.refused, .clientToServer, range: 0..<1, reason: "rule no-drops")
            recording.add(.note, .clientToServer, rule.encoded())
            recording.add(
                .note, .clientToServer,
                Annotation(.redaction, .clientToServer, range: 0..<1, reason: "a password").encoded())
        }
        let reader = try await PageReader(
            page.path,
            [
                "text=.place", "turn=later", "search=VALUE20", "unfold", "fold", "search=", "choose=problems",
                "choose=decisions", "choose=unseen", "choose=all", "kind=identity", "go=event-203",
            ])
        #expect(reader.complaints == [])
        func list(_ index: Int) -> PageList { PageList(reader.steps[index]) }
        #expect(reader.steps[0].array?.first?.string == "1 to 100")
        #expect(list(1).titles.first == "SELECT 99")
        #expect(list(2).titles == ["SELECT 20"] + (200...209).map { "SELECT \($0)" })
        #expect(list(2).count == "11 of 254 events")
        #expect(list(3).open == 11)
        #expect(list(4).open == 0)
        #expect(list(5).count == "254 events")
        #expect(list(6).titles == ["rule no-drops"])
        #expect(list(7).titles == ["alice, proven by peer-uid", "rule no-drops"])
        #expect(list(8).titles == ["a password"])
        #expect(list(9).titles.count == 100)
        #expect(list(10).titles == ["alice, proven by peer-uid"])
        #expect(list(11).titles.contains("SELECT 202") && list(11).open == 1 && list(11).count == "254 events")
    }

    @Test func `all of it works by keyboard, and has names for a screen reader`() async throws {
        let page = try ExportedPage { recording in
            recording.add(Conversation.login(user: "alice") + Conversation.query("SELECT 1", answer: "1"))
        }
        let tabs = [String](repeating: "key=TAB", count: 8)
        let reader = try await PageReader(page.path, tabs + ["key=ENTER", "print"])
        #expect(reader.complaints == [])
        let told = reader.steps.prefix(8).map { ($0.array ?? []).compactMap(\.string) }
        #expect(
            told == [
                ["link", "To the events"], ["button", "Light or dark"], ["link", "04:00:00.002"],
                ["searchbox", "Search in everything"], ["radio", "All"], ["combobox", "Kind of event"],
                ["button", "Unfold all"],
                ["DisclosureTriangle", "04:00:00.002 event Caller known alice, proven by peer-uid"],
            ])
        #expect(reader.text.contains("uid\n1000"))
        #expect(reader.steps[9].bool == true)
    }

    /// Each is meant to run in one of the places where text may stand in a page.
    private static let attacks = [
        "</script><script>window.broken=1</script>", "<img src=x onerror=window.broken=1>", "<!--<script>",
        "\"><svg onload=window.broken=1>", "javascript:window.broken=1", "'+(window.broken=1)+'",
        "`${window.broken=1}`",
        "\\u003c/script>\\u003cscript>window.broken=1\\u003c/script>", "]]></style><style>*{display:none}</style>",
        "<link rel=stylesheet href=https://example.org/x.css>", "<iframe srcdoc='<script>parent.broken=1</script>'>",
        "<base href=https://example.org/><meta http-equiv=refresh content='0;url=https://example.org/'>",
        "__proto__", "constructor", "\u{202e}txet desrever\u{2066}", "a\u{1}b\u{1b}[31m\u{7f}\u{9b}c\u{feff}",
        "{{7*7}}", "%3Cscript%3E",
    ]

    @Test func `text in any field stays text`() async throws {
        let page = try ExportedPage(change: HostileRecording.change(Self.attacks)) { recording in
            HostileRecording.fill(recording, with: Self.attacks)
        }
        let reader = try await PageReader(page.path, ["read", "search=<script>"])
        #expect(reader.complaints == [])
        // What was sent is there to be read, in the head and in every event.
        let events = try #require(reader.steps[0].string)
        for attack in Self.attacks {
            #expect(reader.text.contains(DisplayText.line(attack)))
            let count = events.ranges(of: DisplayText.line(attack)).count
            #expect(count >= HostileRecording.placeCount, "\(attack): \(count)")
        }
        let ours: Set = [
            "html", "head", "meta", "title", "style", "script", "body", "a", "header", "div", "span", "strong",
            "button", "h1", "p", "dl", "dt", "dd", "small", "figure", "noscript", "main", "section", "h2", "h3", "ol",
            "li",
            "input", "fieldset", "legend", "label", "select", "option", "nav", "footer", "details", "summary", "time",
            "svg", "rect", "pre", "table", "thead", "tbody", "tr", "th", "td", "mark",
        ]
        #expect(reader.elements.subtracting(ours) == [])
        // Heading, one chunk of events, ending, and the script.
        let bytes = try #require(Repository.bytes(of: page.path))
        #expect(String(decoding: bytes, as: UTF8.self).ranges(of: "<script").count == 4)
    }

    @Test func `what is too much for one page becomes several, or is said to be left out`() async throws {
        let fill: (TestRecording) -> Void = { recording in
            recording.add(Conversation.login(user: "alice"))
            for number in 1...25 { recording.add(Conversation.query("SELECT \(number)", answer: "1")) }
        }
        let pages = try ExportedPage(eventMaximum: 10, isSplit: true, fill)
        #expect(Repository.files(in: pages.folder.path, endingIn: ".html").count == 3)
        let second = try await PageReader(pages.folder.path + "/page-2.html", ["text=footer a"])
        #expect(second.complaints == [])
        #expect(second.text.contains("SELECT 9\n") && second.text.contains("SELECT 18\n"))
        #expect(second.steps[0].array?.compactMap(\.string) == ["Earlier events", "Later events"])
        let one = try ExportedPage(eventMaximum: 10, isSplit: false, fill)
        #expect(try await PageReader(one.path).text.contains("is left out: it is too much for one page"))
    }
}

/// A recording, exported to pages in a folder of its own.
private struct ExportedPage {
    let folder = ScratchFolder()

    var path: String { folder.path + "/page.html" }

    init(
        eventMaximum: Int = 20_000, isSplit: Bool = true,
        change: (inout StartFacts, inout Identity) -> Void = { _, _ in }, _ fill: (TestRecording) throws -> Void
    ) throws {
        let recording = try TestRecording(in: folder.path + "/recordings", change: change)
        try fill(recording)
        try recording.seal()
        let seal = PageSeal(.holds, title: "Complete and unchanged", text: "signed by a test")
        var export = PageExport(RecordedSession(recording.path), seal: seal)
        export.eventMaximum = eventMaximum
        let name: @Sendable (Int) -> String = { $0 == 1 ? "page.html" : "page-\($0).html" }
        if isSplit { export.pageName = name }
        var pages: [Int: [UInt8]] = [:]
        try export.run { number, bytes in
            pages[number, default: []].append(bytes)
            return true
        }
        for (number, bytes) in pages { try write(bytes, to: "\(folder.path)/\(name(number))") }
    }
}

/// What browse.py tells of the list of events.
private struct PageList {
    let count: String
    let titles: [String]
    let open: Int64

    init(_ step: JSON) {
        count = step["count"]?.string ?? ""
        titles = (step["titles"]?.array ?? []).compactMap(\.string)
        open = step["open"]?.integer ?? -1
    }
}
