import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// A session as the relay would carry and record it, without sockets: what goes on, and what the recording gets.
struct PostgresRecorded {
    private var core: ProxyCore<PostgresDecoder, PostgresInterceptor>
    private var ledger = LegLedger()
    private var bases: [Direction: Int] = [:]
    private var windows: [Direction: [UInt8]] = [:]
    private let chunking: Chunking
    /// By direction, what the receiver gets.
    private(set) var forwarded: [Direction: [UInt8]] = [:]
    /// By direction, the recording's DATA.
    private(set) var recorded: [Direction: [UInt8]] = [:]
    private(set) var notes: [Annotation] = []
    /// By direction, what crossed between gateway and server.
    private(set) var upstream: [Direction: [UInt8]] = [:]
    /// The question that the client waits for.
    private(set) var question: Question?
    private(set) var ending: String?

    /// Begins after the login.
    ///
    /// - Parameter ahead: what the client sends right behind its startup packet.
    init(
        _ chunking: Chunking = .whole, limits: WireLimits = WireLimits(), rules: RuleBook? = nil, ahead: [UInt8] = []
    ) {
        self.chunking = chunking
        let alice = Identity(subject: "alice", method: "jwt")
        let judge = rules.map { PostgresJudge($0, alice, target: "orders", nameLimit: 10) }
        core = ProxyCore(
            .afterStartup(limits: limits),
            PostgresInterceptor(keySource: [UInt8](repeating: 1, count: 32), judge: judge))
        client(ahead)
        server(PostgresEncoding.authenticationOk() + PostgresEncoding.readyForQuery(.idle))
        bases = recorded.mapValues(\.count)
        notes = []
        recorded = [:]
        forwarded = [:]
        upstream = [:]
        client([])
    }

    /// The open question is answered.
    mutating func settle(_ answer: Answer) {
        guard let open = exchange(&question, with: nil), core.settle(open.id, answer) else { return }
        client([])
    }

    mutating func client(_ bytes: [UInt8]) { feed(bytes, .clientToServer) }

    mutating func server(_ bytes: [UInt8]) { feed(bytes, .serverToClient) }

    /// Where the direction's DATA begin in the stream: behind the login.
    func base(_ direction: Direction) -> Int { bases[direction, default: 0] }

    /// All that the recording holds.
    var recording: [UInt8] {
        recorded[.clientToServer, default: []] + recorded[.serverToClient, default: []]
            + notes.flatMap { $0.reason.utf8 + $0.otherLeg }
    }

    func text(_ direction: Direction) -> String { String(decoding: recorded[direction, default: []], as: UTF8.self) }

    private mutating func feed(_ bytes: [UInt8], _ direction: Direction) {
        var window = windows[direction, default: []]
        for piece in bytes.isEmpty ? [0..<0] : chunking.pieces(of: bytes.count) {
            window += bytes[piece]
            var actions: [ProxyAction] = []
            let consumed = core.received(window.span, direction, into: &actions)
            for action in actions { take(action, window, direction) }
            window.removeFirst(consumed)
        }
        windows[direction] = window
    }

    private mutating func take(_ action: ProxyAction, _ window: [UInt8], _ direction: Direction) {
        switch action {
        case .forward(let range), .forwardRedacted(let range, _, _):
            forwarded[direction, default: []] += window[range]
            upstream[direction, default: []] += window[range]
        case .replace(let range, _, let new, _, _):
            upstream[direction, default: []] += direction == .clientToServer ? new : Array(window[range])
        case .refused(_, _, _, let instead): upstream[direction, default: []] += instead
        case .ask(let open):
            question = open
            var words: [ProxyAction] = []
            core.asked(open, number: 12, into: &words)
            for word in words { take(word, window, direction) }
        case .end(let reason): ending = reason
        default: break
        }
        var entries: [LegLedger.Entry] = []
        ledger.entries(for: action, window.span, direction, into: &entries)
        for entry in entries {
            switch entry {
            case .window(let direction, let range): recorded[direction, default: []] += window[range]
            case .bytes(let direction, let bytes): recorded[direction, default: []] += bytes
            case .note(let note): notes.append(note)
            }
        }
    }
}

extension PostgresDecoder {
    /// As a reception leaves it: the startup packet has been read.
    static func afterStartup(limits: WireLimits = WireLimits()) -> PostgresDecoder {
        var decoder = PostgresDecoder(limits: limits)
        let startup = PostgresEncoding.startup(parameters: [(name: "user", value: [97])])
        _ = try? decoder.step(startup.span, .clientToServer)
        return decoder
    }
}

/// Messages that the sandbox of a test says, with their texts.
enum Said {
    static func query(_ sql: String) -> [UInt8] { PostgresEncoding.query(Array(sql.utf8)) }

    static func parse(_ sql: String) -> [UInt8] { message("P", [0] + Array(sql.utf8) + [0, 0, 0]) }

    /// Fields by their code letters.
    static func error(_ fields: [(Character, String)], notice: Bool = false) -> [UInt8] {
        message(notice ? "N" : "E", fields.flatMap { [$0.0.asciiValue ?? 0] + Array($0.1.utf8) + [0] } + [0])
    }

    static func message(_ tag: Character, _ content: [UInt8]) -> [UInt8] {
        var bytes = [tag.asciiValue ?? 0]
        bytes.appendBE(UInt32(content.count + 4))
        return bytes + content
    }

    static let ready = PostgresEncoding.readyForQuery(.idle)
}
