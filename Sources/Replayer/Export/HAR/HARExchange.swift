import Protocols
import Recorder

/// One request and its response, while they last.
struct HARExchange: Sendable {
    struct Request: Sendable {
        /// Bytes that are kept of a target where there is no room for more.
        private static let shortCount = 256

        var head: HARHead
        var method: String
        var target: [UInt8]
        /// Where it stands in the stream; `nil` where it stands there in no form of its own.
        var targetRange: Range<UInt64>?
        var form: HTTPRequestHead.TargetForm
        var version: String

        var heldCount: Int { head.heldCount + target.count }

        /// Leaves out what it can do without.
        mutating func shorten() {
            head.leaveOutFields()
            target = Array(target.prefix(Self.shortCount))
        }
    }

    struct Response: Sendable {
        var head: HARHead
        var status: Int
        var reason: String
        var version: String
    }

    /// `nil` where it came before what is seen here.
    var request: Request?
    var requestBody = HARBody()
    var response: Response?
    var responseBody = HARBody()
    /// Fields behind the response's content.
    var trailers: HARHead?
    /// The request, and the response, have come to their ends.
    var isAsked = false
    var isAnswered = false
    var responseLastsUntilClose = false
    var notes = HARNotes()
    /// Statuses of the first interim responses.
    private(set) var interim: [Int] = []
    private static let interimMaximum = 100
    /// Of a WebSocket; `nil` for any other response.
    var messages: [JSON]?
    /// What is to be said of it beside what was decided.
    var comments: [String] = []

    /// The first byte of the request, the last one, and those of the response.
    var started: Timestamp
    var asked: Timestamp
    var answering: Timestamp?
    var ended: Timestamp

    init(_ request: Request?, started: Timestamp, at time: Timestamp) {
        self.request = request
        isAsked = request == nil
        self.started = started
        asked = time
        ended = time
    }

    /// Bytes that it holds.
    var heldCount: Int {
        requestBody.bytes.count + responseBody.bytes.count + (request?.heldCount ?? 0)
            + (response?.head.heldCount ?? 0) + (trailers?.heldCount ?? 0)
    }

    /// Changes it, and returns by how much more it holds then.
    mutating func growth(by change: (inout HARExchange) -> Void) -> Int {
        let before = heldCount
        change(&self)
        return heldCount - before
    }

    /// Some of one side's content.
    ///
    /// - Parameter room: bytes that may be held of all contents.
    mutating func append(
        _ bytes: Span<UInt8>, _ direction: Direction, at offset: UInt64, room: Int, at time: Timestamp
    ) {
        if direction == .clientToServer {
            requestBody.append(bytes, at: offset, room: room)
        } else {
            responseBody.append(bytes, at: offset, room: room)
            ended = time
        }
    }

    /// Bytes of one side's content that nobody has seen.
    mutating func skip(_ length: UInt64, _ direction: Direction) {
        if direction == .clientToServer { requestBody.skip(length) } else { responseBody.skip(length) }
    }

    /// An interim response (RFC 9110 §15.2).
    mutating func answerAhead(_ status: Int) {
        if interim.count < Self.interimMaximum { interim.append(status) }
    }

    /// One side has said all.
    mutating func end(_ direction: Direction, at time: Timestamp) {
        if direction == .clientToServer {
            requestBody.isWhole = true
            isAsked = true
            asked = time
        } else {
            responseBody.isWhole = true
            isAnswered = true
            ended = time
        }
    }

    func hasEnded(_ direction: Direction) -> Bool { direction == .clientToServer ? isAsked : isAnswered }

    func head(_ direction: Direction) -> HARHead? { direction == .clientToServer ? request?.head : response?.head }

    /// The bytes of one side, as far as they have come.
    func range(_ direction: Direction) -> Range<UInt64>? {
        let body = direction == .clientToServer ? requestBody.range : responseBody.range
        guard let start = head(direction)?.range ?? body else { return nil }
        return start.lowerBound..<max(start.upperBound, body?.upperBound ?? 0)
    }
}

/// What entries tell of the connection that carried them.
struct HARConnection: Sendable {
    /// "http" or "https".
    let scheme: String
    /// The address and port that the client connected to.
    let listener: String
    /// Without the port; `nil` for what is not of the Internet.
    let serverAddress: String?
    /// The recording: it tells connections apart, which their ports do not.
    let name: String

    init(_ heading: TimelineHeading) {
        scheme = heading.start?.tls == nil ? "http" : "https"
        listener = heading.start?.listener ?? ""
        serverAddress = InternetAddress(listener).map { _ in Self.host(heading.start?.listener ?? "") }
        name = "\(heading.recording)"
    }

    private static func host(_ address: String) -> String {
        let host = address.prefix(upTo: address.lastIndex(of: ":") ?? address.endIndex)
        return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
    }
}
