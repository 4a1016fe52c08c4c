import Protocols

/// An answer of the gateway's own.
struct HTTPReply: Sendable, Equatable {
    var status: Int
    /// What a person is to know, as one line; for the recording, where the content is another.
    var text: String
    private(set) var fields = [HTTPAnswer.Field(name: "Content-Type", value: "text/plain; charset=utf-8")]
    private(set) var content: [UInt8]
    /// Whether the client is told that no further request is read.
    var closes = true

    init(_ status: Int, _ text: String, closes: Bool = true) {
        self.status = status
        self.text = text
        self.closes = closes
        content = Array("Wiretrail: \(text)\n".utf8)
    }

    init(_ answer: HTTPAnswer, _ reason: String) {
        status = answer.status
        text = reason
        fields = answer.fields
        content = answer.body
        closes = false
    }

    var isJSON: Bool { fields.contains { $0.name.lowercased() == "content-type" && $0.value == "application/json" } }

    /// - Parameter isHead: the request was one, so no content may follow (RFC 9110 §9.3.2).
    func bytes(isHead: Bool) -> [UInt8] {
        guard var head = try? HTTPHeadEncoder(status: status, reason: Self.phrase(status)) else { return [] }
        for field in fields { try? head.add(field.name, field.value) }
        if status != 204 { head.add(.length(UInt64(content.count))) }
        if closes { try? head.add("Connection", "close") }
        return isHead ? head.finish() : head.finish() + content
    }

    /// RFC 9110 §15.
    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 421: "Misdirected Request"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Error"
        }
    }
}

extension HTTPReply {
    /// To a client whose connection ends.
    init(_ cause: FarewellCause) {
        switch cause {
        case .fault(let fault) where fault.direction == .clientToServer:
            self.init(fault.code == .limitExceeded ? 431 : 400, "the request is refused: \(fault.reason)")
        case .fault(let fault):
            self.init(502, "the upstream's response is refused: \(fault.reason)")
        case .unreadable: self.init(400, "what follows cannot be read")
        case .upstreamGone: self.init(502, "the upstream closed the connection without an answer")
        case .silent(.client): self.init(408, "the request did not come in time")
        case .silent(.server): self.init(504, "the upstream did not answer in time")
        case .draining: self.init(503, "the gateway is shutting down")
        case .stranger(let user):
            self.init(403, "only the user who started it (\(user)) is served on this address")
        case .killed(let name, let reason):
            let why = reason.isEmpty ? "" : ": \(DisplayText.line(reason))"
            self.init(503, "the connection was ended by \(DisplayText.line(name))\(why)")
        case .credentialOver: self.init(401, "the credential has expired")
        case .recordingFailed: self.init(503, "recording cannot go on, so neither can the connection")
        }
    }

    init(_ failure: UpstreamFailure) {
        self.init(failure.isTimeout ? 504 : 502, failure.reason, closes: false)
    }
}
