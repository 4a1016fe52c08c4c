import Protocols

/// An answer of the gateway's own, in place of the upstream's. Content-Length and Date are added where it is sent.
struct HTTPAnswer: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        var name: String
        var value: String
    }

    var status: Int
    var fields: [Field] = []
    var body: [UInt8] = []

    init(_ status: Int, _ fields: KeyValuePairs<String, String> = [:], _ body: [UInt8] = []) {
        self.status = status
        self.fields = fields.map { Field(name: $0.key, value: $0.value) }
        self.body = body
    }

    static func json(_ status: Int, _ json: [UInt8]) -> HTTPAnswer {
        HTTPAnswer(status, ["content-type": "application/json"], json)
    }

    /// A problem in the words of RFC 9457.
    static func problem(_ status: Int, _ title: String, _ detail: String) -> HTTPAnswer {
        let json: JSON = .object([
            "status": .integer(Int64(status)), "title": .string(title), "detail": .string(detail),
        ])
        return HTTPAnswer(
            status, ["content-type": "application/problem+json", "cache-control": "no-store"], json.encoded())
    }
}
