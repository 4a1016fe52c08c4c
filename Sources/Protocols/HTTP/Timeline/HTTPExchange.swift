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
    func event(at end: Timestamp, isUnfinished: Bool, _ selection: EventSelection) -> TimelineEvent {
        var event = TimelineEvent(
            sequence: 0, start: request?.start ?? response?.start ?? end, end: end, stream: connection,
            kind: "http.request", title: request?.line ?? "(asked before this begins)",
            outcome: outcome(isUnfinished), fields: fields(selection), request: requestRange)
        if let response { event.response = response.range.lowerBound..<max(response.range.upperBound, responseEnd) }
        return event
    }

    private func fields(_ selection: EventSelection) -> [TimelineEvent.Field] {
        var fields = SelectedFields(selection)
        if let request {
            fields.add(HTTPEventFields.method, .text(request.method))
            fields.add(HTTPEventFields.target, .text(request.target))
            fields.add(HTTPEventFields.host, request.host.map { .text($0) })
        }
        fields.add(HTTPEventFields.caller, caller.map { .text($0) })
        fields.add(HTTPEventFields.userAgent, request?.userAgent.map { .text($0) })
        add(requestContent, .request, to: &fields)
        addResponse(to: &fields)
        fields.add(HTTPEventFields.requestFields, request?.table)
        fields.add(HTTPEventFields.responseFields, response?.table)
        return fields.all
    }

    private func addResponse(to fields: inout SelectedFields) {
        guard let response else { return }
        fields.add(HTTPEventFields.status, .integer(Int64(response.status)))
        if !response.reason.isEmpty { fields.add(HTTPEventFields.reason, .text(response.reason)) }
        if !interim.isEmpty { fields.add(HTTPEventFields.interim, .list(interim)) }
        if let request, response.start > request.start {
            let wait = response.start.monotonicNanoseconds - request.start.monotonicNanoseconds
            fields.add(HTTPEventFields.firstByte, .nanoseconds(wait))
        }
        add(responseContent, .response, to: &fields)
        if events != nil { fields.add(HTTPEventFields.stream, .boolean(true)) }
    }

    private func add(_ content: HTTPContent, _ names: HTTPEventFields.Content, to fields: inout SelectedFields) {
        if !content.mediaType.isEmpty { fields.add(names.type, .text(content.mediaType)) }
        if content.isEncoded { fields.add(names.coding, .text(content.coding)) }
        if content.count > 0 { fields.add(names.bytes, .byteCount(content.count)) }
        fields.add(names.text, content.shown.map { .text($0) })
    }

    /// RFC 9110 §15: 4xx and 5xx are failures.
    private func outcome(_ isUnfinished: Bool) -> TimelineEvent.Outcome {
        if let refusal { return .refused(rule: refusal) }
        guard !isUnfinished, let response else { return .unfinished }
        return response.status < 400 ? .succeeded : .failed(code: String(response.status), message: response.reason)
    }
}
