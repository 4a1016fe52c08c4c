/// The statuses that the monitoring listener answers with (RFC 9110 §15).
enum HTTPStatus: Int, Error, Sendable {
    case ok = 200
    case badRequest = 400
    case notFound = 404
    case methodNotAllowed = 405
    case contentTooLarge = 413
    case misdirectedRequest = 421
    case headerFieldsTooLarge = 431
    case serviceUnavailable = 503

    var reason: String {
        switch self {
        case .ok: "OK"
        case .badRequest: "Bad Request"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .contentTooLarge: "Content Too Large"
        case .misdirectedRequest: "Misdirected Request"
        case .headerFieldsTooLarge: "Request Header Fields Too Large"
        case .serviceUnavailable: "Service Unavailable"
        }
    }
}

/// An answer of the monitoring listener. Each ends its connection, so there is no second request to misread.
struct HTTPResponse: Sendable, Equatable {
    var status: HTTPStatus
    var contentType = "text/plain; charset=utf-8"
    var body: String

    /// A status in a line of its own.
    init(_ status: HTTPStatus) {
        self.status = status
        body = status.reason.lowercased() + "\n"
    }

    init(_ status: HTTPStatus, _ body: String) {
        self.status = status
        self.body = body
    }

    /// - Parameter hasBody: false for HEAD, whose answer has the same head as GET's.
    func encoded(hasBody: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(status.rawValue) \(status.reason)\r\n"
        head += "Content-Type: \(contentType)\r\nContent-Length: \(body.utf8.count)\r\n"
        if status == .methodNotAllowed { head += "Allow: GET, HEAD\r\n" }
        head += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
        return Array((head + (hasBody ? body : "")).utf8)
    }
}
