import Protocols
import Testing
import WireTestKit

func client(_ text: String) -> WireTurn { .bytes(Array(text.utf8), .clientToServer) }

func server(_ text: String) -> WireTurn { .bytes(Array(text.utf8), .serverToClient) }

/// What a decoder makes of the turns in whatever pieces they come: one line per event, `>` by the client, `<` by the server.
/// Fails the test where it depends on the pieces.
func httpStory(
    _ turns: [WireTurn], _ decoder: HTTPDecoder = HTTPDecoder(limits: WireLimits()), limits: WireLimits = WireLimits(),
    sourceLocation: SourceLocation = #_sourceLocation
) -> HTTPStory {
    let whole = HTTPStory(decoder, limits, turns, .whole)
    for chunking in Chunking.all.dropFirst() {
        let other = HTTPStory(decoder, limits, turns, chunking)
        #expect(other == whole, "\(chunking)", sourceLocation: sourceLocation)
    }
    return whole
}

struct HTTPStory: Equatable {
    private(set) var client: [String] = []
    private(set) var server: [String] = []
    /// "GET /" of each request.
    private(set) var requests: [String] = []
    /// The status of each response, interim ones too.
    private(set) var statuses: [String] = []
    /// All content of requests.
    private(set) var content = ""
    private(set) var fault: WireFault?

    init(_ decoder: HTTPDecoder, _ limits: WireLimits, _ turns: [WireTurn], _ chunking: Chunking) {
        var session = WireSession(decoder, limits: limits)
        do throws(WireFault) {
            try session.feed(turns, chunking) { event, direction, _, bytes in add(event, direction, bytes) }
        } catch { fault = error }
    }

    private mutating func add(_ event: WireEvent<HTTPMessage>, _ direction: Direction, _ bytes: Span<UInt8>) {
        switch event {
        case .message(.request(let head)), .head(.request(let head), _):
            func text(_ range: Range<Int>) -> String { DisplayText.decode(bytes.extracting(range)) }
            requests.append("\(text(head.methodName)) \(text(head.target))")
        case .message(.response(let head)), .head(.response(let head), _): statuses.append(String(head.status))
        case .body where direction == .clientToServer:
            content += String(decoding: [UInt8](copying: bytes), as: UTF8.self)
        default: break
        }
        switch event {
        case .message(let message): append(Self.line(message, bytes), direction)
        case .head(let message, let body):
            append(Self.line(message, bytes) + " + \(body.map(String.init) ?? "until close")", direction)
            append("", direction)
        case .body(let isLast):
            let lines = direction == .clientToServer ? client : server
            let text = (lines.last ?? "") + String(decoding: [UInt8](copying: bytes), as: UTF8.self)
            replaceLast(isLast ? text + "." : text, direction)
        case .become(let id): append("become \(id)", direction)
        case .opaque(let reason): append("opaque \(reason)", direction)
        }
    }

    private mutating func append(_ line: String, _ direction: Direction) {
        if direction == .clientToServer { client.append(line) } else { server.append(line) }
    }

    private mutating func replaceLast(_ line: String, _ direction: Direction) {
        if direction == .clientToServer {
            if !client.isEmpty { client.removeLast() }
            client.append(line)
        } else {
            if !server.isEmpty { server.removeLast() }
            server.append(line)
        }
    }

    private static func line(_ message: HTTPMessage, _ bytes: Span<UInt8>) -> String {
        func text(_ range: Range<Int>) -> String { DisplayText.decode(bytes.extracting(range)) }
        switch message {
        case .request(let head):
            return "\(text(head.methodName)) \(text(head.target)) \(head.framing)\(head.isLast ? " last" : "")"
        case .response(let head):
            return "\(head.status) \(text(head.reason)) \(head.framing)\(head.isLast ? " last" : "")"
        case .chunk(let chunk): return "chunk \(chunk.size)\(text(chunk.extensions))"
        case .chunkEnd: return "chunk end"
        case .trailers(let fields):
            return (["trailers"] + fields.map { "\($0.name(in: bytes))=\($0.value(in: bytes))" })
                .joined(separator: " ")
        case .frame(let head):
            let marks = (head.isFinal ? "" : " …") + (head.isCompressed ? " compressed" : "")
            return "\(head.opcode) \(head.payloadLength)" + marks
        }
    }
}
