import Protocols
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// A relay without sockets over the HTTP proxy core: what is said on one leg comes out on the other, or stays. An upstream
/// is there whenever one is asked for, unless the script says otherwise.
struct ScriptedProxy {
    var core: ProxyCore<HTTPDecoder, HTTPInterceptor>
    private(set) var toServer: [UInt8] = []
    private(set) var toClient: [UInt8] = []
    private(set) var others: [ProxyAction] = []
    /// What the recording gets.
    private(set) var entries: [LegLedger.Entry] = []
    /// Why it ended.
    private(set) var end: String?
    private(set) var reachCount = 0
    var reach: UpstreamReach? = .reached(isReused: false)
    private var ledger = LegLedger()
    private var waiting: [Direction: [UInt8]] = [.clientToServer: [], .serverToClient: []]

    init(
        upstream: HTTPUpstream = HTTPUpstream(host: "127.0.0.1", port: 9000), callers: (any HTTPCallers)? = nil,
        judge: (any HTTPJudge)? = nil, client: SocketAddress = .loopback(port: 9), target: HTTPTarget? = nil,
        proxies: Settings.Listener.Proxies? = nil
    ) {
        let forwarded = HTTPForwarded(for: client, isEncrypted: true, proxies: proxies)
        let route = target.map { HTTPRoute($0, credential: nil, forwarded) } ?? HTTPRoute(upstream, forwarded)
        var policy = HTTPInterceptor(route, caller: Identity(subject: "alice", method: "test"))
        policy.callers = callers
        policy.judge = judge
        core = ProxyCore(HTTPDecoder(limits: WireLimits(), pipelining: .waits), policy)
    }

    mutating func client(_ text: String, _ chunking: Chunking = .whole) { say(text, .clientToServer, chunking) }
    mutating func server(_ text: String, _ chunking: Chunking = .whole) { say(text, .serverToClient, chunking) }

    /// All that the recording holds, as text.
    var recorded: String {
        entries.map { entry -> String in
            switch entry {
            case .bytes(_, let bytes): String(decoding: bytes, as: UTF8.self)
            case .note(let note): String(decoding: note.otherLeg, as: UTF8.self) + note.reason
            case .window: ""
            }
        }.joined()
    }

    /// What the upstream has been sent since the last call.
    mutating func received() -> String {
        defer { toServer = [] }
        return String(decoding: toServer, as: UTF8.self)
    }

    /// What the client has been sent since the last call.
    mutating func answered() -> String {
        defer { toClient = [] }
        return String(decoding: toClient, as: UTF8.self)
    }

    mutating func upstreamLeaves() {
        var actions: [ProxyAction] = []
        core.upstreamEnded(into: &actions)
        perform(actions, [], .serverToClient)
    }

    mutating func clientLeaves() {
        var actions: [ProxyAction] = []
        core.clientEnded(into: &actions)
        perform(actions, [], .clientToServer)
    }

    mutating func reached(_ outcome: UpstreamReach) {
        var actions: [ProxyAction] = []
        core.reached(outcome, into: &actions)
        perform(actions, [], .clientToServer)
        offer(.clientToServer)
    }

    mutating func settle(_ question: UInt64, _ answer: Answer) {
        _ = core.settle(question, answer)
        offer(.clientToServer)
    }

    mutating func asked(_ question: Question, number: UInt64) {
        var actions: [ProxyAction] = []
        core.asked(question, number: number, into: &actions)
        perform(actions, [], .clientToServer)
    }

    mutating func insert(_ words: [UInt8]) {
        var actions: [ProxyAction] = []
        core.insert(words, into: &actions)
        perform(actions, [], .serverToClient)
    }

    mutating func remind() {
        var actions: [ProxyAction] = []
        _ = core.remind(into: &actions)
        perform(actions, [], .clientToServer)
    }

    mutating func identified(_ result: Result<Identity, IdentityRefusal>) {
        core.identified(result)
        offer(.clientToServer)
    }

    private mutating func say(_ text: String, _ direction: Direction, _ chunking: Chunking) {
        let bytes = Array(text.utf8)
        for piece in chunking.pieces(of: bytes.count) {
            waiting[direction, default: []] += bytes[piece]
            offer(direction)
        }
    }

    private mutating func offer(_ direction: Direction) {
        guard end == nil else { return }
        let window = waiting[direction, default: []]
        var actions: [ProxyAction] = []
        let consumed = core.received(window.span, direction, into: &actions)
        waiting[direction]?.removeFirst(consumed)
        perform(actions, window, direction)
        if case .offerAgain(let other) = actions.last { offer(other) }
    }

    private mutating func perform(_ actions: [ProxyAction], _ window: [UInt8], _ direction: Direction) {
        for action in actions {
            ledger.entries(for: action, window.span, direction, into: &entries)
            switch action {
            case .forward(let range), .forwardRedacted(let range, _, _): pass(Array(window[range]), direction.receiver)
            case .replace(_, _, let bytes, _, _): pass(bytes, direction.receiver)
            case .reply(let side, let bytes, _): pass(bytes, side)
            case .refused(_, _, _, let instead): pass(instead, direction.receiver)
            case .end(let reason): end = reason
            case .reach:
                reachCount += 1
                if let reach { reached(reach) }
            case .offerAgain, .withhold: break
            default: others.append(action)
            }
        }
    }

    private mutating func pass(_ bytes: [UInt8], _ side: Side) {
        if side == .client { toClient += bytes } else { toServer += bytes }
    }

    /// What the upstream is told of a request from the script's client, which called for `host`.
    static func forwarded(host: String = "a") -> String { "Forwarded: for=127.0.0.1;host=\"\(host)\";proto=https" }
    static let via = "Via: 1.1 wiretrail"
}

extension String {
    /// A head as it stands on the wire, of lines.
    static func head(_ lines: String...) -> String { lines.joined(separator: "\r\n") + "\r\n\r\n" }
}

/// The content of an answer's body, as a client reads it that has sent `request`.
func readContent(of answer: String, to request: String...) -> [UInt8] {
    var decoder = HTTPDecoder(limits: WireLimits(), pipelining: .waits)
    for part in request { _ = try? decoder.step(Array(part.utf8).span, .clientToServer) }
    var (content, at) = ([UInt8](), 0)
    let bytes = Array(answer.utf8)
    while at < bytes.count, let step = try? decoder.step(bytes.span.extracting(at...), .serverToClient),
        let length = step.length
    {
        if case .body = step { content += bytes[at..<(at + length)] }
        at += length
    }
    #expect(at == bytes.count)
    return content
}
