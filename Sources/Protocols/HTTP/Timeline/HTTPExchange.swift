/// One request and its response, while they last.
struct HTTPExchange: Sendable {
    let connection: UInt32
    /// `nil` for a request that came before what is seen here.
    let request: HTTPHeadText?
    /// Its event's place in the order, until it is told or a call takes it over.
    var ticket: EventQueue.Ticket?
    /// Who asked, as far as is known.
    let caller: String?
    var requestContent: HTTPContent
    var requestEnd: UInt64
    var requestHasEnded = false
    var response: HTTPHeadText?
    var responseContent = HTTPContent()
    var responseEnd: UInt64 = 0
    var responseHasEnded = false
    var events: HTTPEventStream?
    /// The response lasts until the connection does.
    var lastsUntilClose = false
    /// Statuses of interim responses.
    var interim: [TimelineEvent.Value] = []
    /// JSON-RPC calls that it asked.
    var calls: [MCPCallKey] = []
    /// The MCP session that an event of its stream has begun (revision 2024-11-05).
    var begunSession: String?
    /// Its content is JSON-RPC: what it says is told in place of the request.
    var carriesRPC = false
    var refusal: String?

    init(
        _ request: HTTPHeadText?, _ content: HTTPContent, ticket: EventQueue.Ticket?, caller: String?,
        connection: UInt32
    ) {
        self.connection = connection
        self.request = request
        self.ticket = ticket
        self.caller = caller
        requestContent = content
        requestEnd = request?.range.upperBound ?? 0
        requestHasEnded = request == nil
    }

    /// Bytes of contents that are kept.
    var heldCount: Int { requestContent.bytes.count + responseContent.bytes.count }

    /// The server is in the middle of a response that only the connection's end can end.
    var isReadToTheEnd: Bool { response != nil && lastsUntilClose && requestHasEnded }

    /// A hole in the response's content: an event stream has lost its footing, and goes on with the next event.
    mutating func skip(_ length: UInt64) {
        responseContent.skip(length)
        if events != nil { events = HTTPEventStream() }
    }

    /// The bytes of the request, as far as they have come.
    var requestRange: Range<UInt64>? { request.map { $0.range.lowerBound..<max($0.range.upperBound, requestEnd) } }

    /// The MCP session: by its header, or as 2024-11-05 has it, in the query.
    var scope: MCPScope {
        let told = request?.session ?? response?.session ?? begunSession
        let session = told ?? request.flatMap { MCPSessionKey.inTarget($0.target.utf8.span) }
        return session.map { .session($0) } ?? .connection(connection)
    }

    /// What calls in this exchange tell of what carried them.
    func carrier(withResponse: Bool) -> [TimelineEvent.Field] {
        if withResponse { return response.map { [.init("status", .integer(Int64($0.status)))] } ?? [] }
        var fields: [TimelineEvent.Field] = []
        if let caller { fields.append(.init("caller", .text(caller))) }
        if let request {
            fields.append(.init("method", .text(request.method)))
            fields.append(.init("target", .text(request.target)))
        }
        return fields
    }

    /// The event of the exchange as plain HTTP.
    ///
    /// - Parameter hasContents: whether the contents will be asked for.
    func event(at end: Timestamp, isUnfinished: Bool, hasContents: Bool) -> TimelineEvent {
        let start = request?.start ?? response?.start ?? end
        var event = TimelineEvent(
            sequence: 0, start: start, end: end, stream: connection, kind: "http.request",
            title: request?.line ?? "(asked before this begins)", outcome: outcome(isUnfinished),
            request: requestRange)
        event.fields.reserveCapacity(12)
        if let response { event.response = response.range.lowerBound..<max(response.range.upperBound, responseEnd) }
        if let request {
            event.add("method", .text(request.method))
            event.add("target", .text(request.target))
            if let host = request.host { event.add("host", .text(host)) }
        }
        if let caller { event.add("caller", .text(caller)) }
        if let agent = request?.userAgent { event.add("userAgent", .text(agent)) }
        add(requestContent, "request", hasContents, to: &event)
        addResponse(hasContents, to: &event)
        if let request, !request.fields.isEmpty { event.add("requestFields", request.table) }
        if let response, !response.fields.isEmpty { event.add("responseFields", response.table) }
        return event
    }

    private func addResponse(_ hasContents: Bool, to event: inout TimelineEvent) {
        guard let response else { return }
        event.add("status", .integer(Int64(response.status)))
        if !response.reason.isEmpty { event.add("reason", .text(response.reason)) }
        if !interim.isEmpty { event.add("interim", .list(interim)) }
        if let request, response.start > request.start {
            let wait = response.start.monotonicNanoseconds - request.start.monotonicNanoseconds
            event.add("firstByte", .nanoseconds(wait))
        }
        add(responseContent, "response", hasContents, to: &event)
        if events != nil { event.add("stream", .boolean(true)) }
    }

    private func add(_ content: HTTPContent, _ side: String, _ isAskedFor: Bool, to event: inout TimelineEvent) {
        if !content.mediaType.isEmpty { event.add(side + "Type", .text(content.mediaType)) }
        if content.isEncoded { event.add(side + "Coding", .text(content.coding)) }
        if content.count > 0 { event.add(side + "Bytes", .byteCount(content.count)) }
        if isAskedFor, let text = content.shown { event.add(side + "Content", .text(text)) }
    }

    /// RFC 9110 §15: 4xx and 5xx are failures.
    private func outcome(_ isUnfinished: Bool) -> TimelineEvent.Outcome {
        if let refusal { return .refused(rule: refusal) }
        guard !isUnfinished, let response else { return .unfinished }
        return response.status < 400 ? .succeeded : .failed(code: String(response.status), message: response.reason)
    }
}
