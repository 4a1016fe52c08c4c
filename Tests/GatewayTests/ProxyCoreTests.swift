import Gateway
import Protocols
import Testing

@Suite struct ProxyCoreTests {
    private var core = ProxyCore(ToyDecoder(limits: WireLimits()), ToyPolicy())

    private mutating func read(
        _ text: String, _ direction: Direction = .clientToServer
    ) -> (consumed: Int, actions: [ProxyAction]) {
        let bytes = Array(text.utf8)
        var actions: [ProxyAction] = []
        let consumed = core.received(bytes.span, direction, into: &actions)
        return (consumed, actions)
    }

    @Test mutating func `a run of forwarded messages is one action`() {
        let (consumed, actions) = read("one\ntwo\nthree\n")
        #expect(consumed == 14)
        #expect(actions == [.forward(0..<14)])
    }

    @Test mutating func `the start of a message waits for its rest`() {
        let (consumed, actions) = read("one\ntw")
        #expect(consumed == 4)
        #expect(actions == [.forward(0..<4)])
    }

    @Test mutating func `a refused message stops and its sender is told, in its place`() {
        let (consumed, actions) = read("a\ndrop\nb\n")
        #expect(consumed == 9)
        #expect(
            actions == [
                .forward(0..<2), .refused(2..<7, rule: "d"), .reply(.client, Array("no\n".utf8)), .forward(7..<9),
            ])
    }

    @Test mutating func `a replaced message names both legs' bytes`() {
        let (_, actions) = read("rule\n")
        #expect(
            actions == [
                .replace(0..<5, secrets: [], by: Array("new\n".utf8), secretsOfNew: [], reason: "edited")
            ])
    }

    @Test mutating func `secrets are ranges of the window, not of the message`() {
        let (_, actions) = read("a\nxyz\n")
        #expect(actions == [.forward(0..<2), .forwardRedacted(2..<6, secrets: [3..<5], reason: "secret")])
    }

    @Test mutating func `a swallowed message goes no further and nobody is told`() {
        let (_, actions) = read("sss\n")
        #expect(actions == [.withhold(0..<4, secrets: [], reason: "not for you")])
    }

    @Test mutating func `a body goes the way of its head`() {
        let passed = read("#3\nabc")
        #expect(passed.actions == [.forward(0..<6)])
        let refused = read("#12\nabc")
        #expect(
            refused.actions == [
                .refused(0..<4, rule: "size"), .reply(.client, Array("too big\n".utf8)),
                .withhold(4..<7, secrets: [], reason: "belongs to a withheld message"),
            ])
        #expect(refused.consumed == 7)
        let rest = read("defghijkl" + "after\n")
        #expect(
            rest.actions == [.withhold(0..<9, secrets: [], reason: "belongs to a withheld message"), .forward(9..<15)])
    }

    @Test mutating func `a question parks its lane, and only its lane`() {
        let asked = read("a\n?\nb\n")
        #expect(asked.consumed == 2)
        #expect(asked.actions == [.forward(0..<2), .ask(Question(id: 7, rule: "ask", title: "may I?"))])
        #expect(core.openQuestion(.clientToServer)?.id == 7)

        let waiting = read("?\nb\nc\n")
        #expect(waiting.consumed == 0)
        #expect(waiting.actions == [])
        let answered = read("answer\n", .serverToClient)
        #expect(answered.actions == [.forward(0..<7)])
    }

    @Test mutating func `an allowed question goes on with everything behind it`() {
        _ = read("?\nb\n")
        let isOpen = core.settle(7, .allowed(by: "bob", reason: "fine"))
        #expect(isOpen)
        let resumed = read("?\nb\n")
        #expect(resumed.actions == [.remark(.question, "question allowed by bob: fine"), .forward(0..<4)])
        let isStillOpen = core.settle(7, .expired)
        #expect(!isStillOpen)
    }

    @Test mutating func `a denied question is refused, and what is behind it goes on`() {
        _ = read("?\nb\n")
        var actions: [ProxyAction] = []
        core.asked(Question(id: 7, rule: "ask", title: "may I?"), number: 12, into: &actions)
        #expect(actions == [.reply(.client, Array("wait for 12\n".utf8))])
        let isOpen = core.settle(7, .denied(by: "bob", reason: ""))
        #expect(isOpen)
        let resumed = read("?\nb\n")
        #expect(
            resumed.actions == [
                .remark(.question, "question 12 denied by bob"), .refused(0..<2, rule: "ask"),
                .reply(.client, Array("no\n".utf8)), .forward(2..<4),
            ])
    }

    @Test mutating func `a broken protocol ends the connection with words that the client understands`() {
        _ = read("before\n")
        let (consumed, actions) = read("a\n!\nb\n")
        #expect(consumed == 2)
        let fault = WireFault(.malformed, "a line may not start with !", .clientToServer, at: 9)
        #expect(
            actions == [
                .forward(0..<2), .reply(.client, Array("broken\n".utf8)), .end(fault.description),
            ])
        let later = read("c\n")
        #expect(later.consumed == 0)
    }

    @Test mutating func `a farewell is said between messages, never inside one`() {
        var between = core
        var said: [ProxyAction] = []
        between.end(.upstreamGone, into: &said)
        #expect(
            said == [
                .reply(.client, Array("gone\n".utf8)), .end("the upstream closed the connection without a word"),
            ])
        _ = read("#5\nabc", .serverToClient)
        var unsaid: [ProxyAction] = []
        core.end(.upstreamGone, into: &unsaid)
        #expect(unsaid == [.end("the upstream closed the connection without a word")])
    }

    @Test mutating func `a refusal waits for the end of the message that is being passed on to the client`() {
        _ = read("#5\nabc", .serverToClient)
        let refused = read("drop\n")
        #expect(refused.actions == [.refused(0..<5, rule: "d")])
        let rest = read("de" + "next\n", .serverToClient)
        #expect(rest.actions == [.forward(0..<2), .reply(.client, Array("no\n".utf8)), .forward(2..<7)])
    }

    @Test mutating func `what cannot be read goes on as bytes only where the protocol lets it`() {
        var strict = core
        let passed = read("a\nT\nb")
        #expect(passed.actions == [.forward(0..<2), .opaque(.tls), .forward(2..<5)])
        var actions: [ProxyAction] = []
        let bytes = Array("a\nE\nb".utf8)
        let consumed = strict.received(bytes.span, .clientToServer, into: &actions)
        #expect(consumed == 2)
        #expect(actions.last == .end("what follows cannot be read: encrypted"))
    }

    @Test mutating func `nothing is read after the end`() {
        let last = read("q\nmore\n")
        #expect(last.consumed == 2)
        let later = read("more\n")
        #expect(later.actions == [])
    }

    @Test(arguments: [1, 2, 3, 5, 100])
    mutating func `the same bytes go on however they are cut`(_ size: Int) {
        let script = Array("one\n#5\nabcdedrop\n#12\nabcdefghijklsss\ntwo\n".utf8)
        var window: [UInt8] = []
        var onward: [UInt8] = []
        for start in stride(from: 0, to: script.count, by: size) {
            window += script[start..<min(start + size, script.count)]
            var actions: [ProxyAction] = []
            let consumed = core.received(window.span, .clientToServer, into: &actions)
            for case .forward(let range) in actions { onward += window[range] }
            window.removeFirst(consumed)
        }
        #expect(String(decoding: onward, as: UTF8.self) == "one\n#5\nabcdetwo\n")
    }
}
