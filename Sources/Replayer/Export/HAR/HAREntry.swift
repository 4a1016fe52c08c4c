import Protocols

/// An exchange as an entry of a log (HAR 1.2).
struct HAREntry {
    private let exchange: HARExchange
    private let connection: HARConnection

    init(_ exchange: HARExchange, _ connection: HARConnection) {
        self.exchange = exchange
        self.connection = connection
    }

    var json: JSON {
        let timings = timings
        var members: [String: JSON] = [
            "startedDateTime": .string(UTCDate(wallNanoseconds: exchange.started.wallNanoseconds).extended8601),
            "time": .double(timings.send + timings.wait + timings.receive),
            "timings": .object([
                "blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": .double(timings.send),
                "wait": .double(timings.wait), "receive": .double(timings.receive),
            ]),
            "request": request, "response": response, "cache": .object([:]), "connection": .string(connection.name),
        ]
        members["serverIPAddress"] = connection.serverAddress.map(JSON.string)
        if let messages = exchange.messages {
            members["_resourceType"] = "websocket"
            members["_webSocketMessages"] = .array(messages)
        } else if isEventStream {
            members["_resourceType"] = "eventsource"
        }
        let redactions = tellsRedactions ? exchange.notes.redactions : []
        let comments = exchange.notes.decisions + redactions + exchange.comments
        if !comments.isEmpty { members["comment"] = .string(comments.joined(separator: "; ")) }
        return .object(members)
    }

    /// Messages of a WebSocket, and fields of HTTP/2, have no place of their own: what is filler is told once for all.
    private var tellsRedactions: Bool {
        exchange.messages != nil || (exchange.request?.version ?? exchange.response?.version) == "HTTP/2"
    }

    private var isEventStream: Bool {
        exchange.response?.head.value("content-type")?.lowercased().hasPrefix("text/event-stream") == true
    }

    // MARK: Request

    private var request: JSON {
        guard let request = exchange.request else {
            return .object([
                "method": "", "url": .string("\(connection.scheme)://\(connection.listener)/"), "httpVersion": "",
                "cookies": .array([]), "headers": .array([]), "queryString": .array([]), "headersSize": -1,
                "bodySize": -1, "comment": "asked before what the recording shows",
            ])
        }
        let head = request.head
        var members: [String: JSON] = [
            "method": .string(request.method), "url": .string(url(request)),
            "httpVersion": .string(request.version),
            "cookies": head.cookies("cookie", HARCookies.ofRequest, exchange.notes),
            "headers": head.headers(exchange.notes),
            "queryString": HARParameters.ofTarget(request.target.span),
            "headersSize": head.sizeJSON, "bodySize": exchange.requestBody.size,
        ]
        members["postData"] = exchange.requestBody.postData(head.value("content-type"), exchange.notes)
        members["comment"] = request.targetRange.flatMap(exchange.notes.redaction).map(JSON.string)
        return .object(members)
    }

    /// The target URI (RFC 9112 §3.3, RFC 9113 §8.3.1).
    private func url(_ request: HARExchange.Request) -> String {
        let target = DisplayText.decode(request.target.span)
        let named = request.head.value(":authority") ?? request.head.value("host")
        let authority = named.flatMap { $0.isEmpty ? nil : $0 } ?? connection.listener
        let carrier = request.head.value(":scheme") ?? connection.scheme
        let scheme = exchange.messages == nil ? carrier : carrier == "https" ? "wss" : "ws"
        return switch request.form {
        case .origin: "\(scheme)://\(authority)\(target)"
        case .absolute: target
        case .authority: "\(scheme)://\(target)"
        case .asterisk: "\(scheme)://\(authority)"
        }
    }

    // MARK: Response

    private var response: JSON {
        guard let response = exchange.response else {
            return .object([
                "status": 0, "statusText": "", "httpVersion": "", "cookies": .array([]), "headers": .array([]),
                "content": .object(["size": 0, "mimeType": "x-unknown"]), "redirectURL": "", "headersSize": -1,
                "bodySize": -1, "comment": "no response was recorded",
            ])
        }
        let head = response.head
        var members: [String: JSON] = [
            "status": .integer(Int64(response.status)), "statusText": .string(response.reason),
            "httpVersion": .string(response.version),
            "cookies": head.cookies("set-cookie", HARCookies.ofResponse, exchange.notes),
            "headers": head.headers(exchange.notes),
            "content": exchange.responseBody.content(
                head.value("content-type"), coding: head.value("content-encoding"), exchange.notes),
            "redirectURL": .string(head.value("location") ?? ""),
            "headersSize": head.sizeJSON, "bodySize": exchange.responseBody.size,
        ]
        members["_trailers"] = exchange.trailers?.headers(exchange.notes)
        if !exchange.interim.isEmpty {
            members["comment"] = .string("after " + exchange.interim.map(String.init).joined(separator: ", "))
        }
        return .object(members)
    }

    // MARK: Times

    /// Milliseconds. A server that answers before the request has ended was not waited for.
    private var timings: (send: Double, wait: Double, receive: Double) {
        let answering = exchange.answering ?? exchange.ended
        return (
            Self.milliseconds(exchange.started, exchange.asked), Self.milliseconds(exchange.asked, answering),
            Self.milliseconds(Self.later(exchange.asked, answering), exchange.ended)
        )
    }

    private static func milliseconds(_ from: Timestamp, _ to: Timestamp) -> Double {
        guard to.monotonicNanoseconds > from.monotonicNanoseconds else { return 0 }
        return Double((to.monotonicNanoseconds - from.monotonicNanoseconds) / 1000) / 1000
    }

    private static func later(_ left: Timestamp, _ right: Timestamp) -> Timestamp {
        left.monotonicNanoseconds < right.monotonicNanoseconds ? right : left
    }
}
