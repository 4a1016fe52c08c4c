// What is told of a stream.

extension HTTP2StreamDraft {
    /// - Parameter hasTables: whether ``tables`` will be asked for.
    func event<Primitives: TimelinePrimitives>(
        at end: Timestamp, hasTables: Bool, _ primitives: Primitives.Type
    ) -> TimelineEvent {
        var event = TimelineEvent(
            sequence: 0, start: start, end: end, stream: stream, kind: "http2.request", title: "",
            request: client.range, response: server.range)
        event.fields.reserveCapacity(16)
        if let grpc {
            event.kind = "grpc.call"
            event.title = method
            event.outcome = callOutcome
            addCall(grpc, primitives, to: &event)
        } else {
            event.title = line
            event.outcome = httpOutcome
            addRequest(to: &event)
        }
        addEnding(to: &event)
        if hasTables { addHeaders(to: &event) }
        return event
    }

    /// "GET /index.html".
    private var line: String {
        guard let headers = client.headers else { return "(asked before this begins)" }
        var line = headers.text(.method) ?? "?"
        line += " "
        line += headers.text(.path) ?? headers.text(.authority) ?? "?"
        return line
    }

    /// "package.Service/Method": the path without its slash.
    private var method: String {
        guard let path = client.headers?.text(.path) else { return "(called before this begins)" }
        return path.hasPrefix("/") ? String(path.dropFirst()) : path
    }

    // MARK: HTTP

    private var status: Int? { server.headers?.text(.status).flatMap { Int($0) } }

    private var httpOutcome: TimelineEvent.Outcome {
        if let ending = resetOutcome { return ending }
        guard isComplete, let status else { return .unfinished }
        return status < 400 ? .succeeded : .failed(code: String(status), message: "")
    }

    /// `nil` for a stream that came to its end; a server may reset what it has answered in full (§8.1).
    private var resetOutcome: TimelineEvent.Outcome? {
        guard let reset else { return nil }
        if reset.by == .server, reset.code == .noError, server.ended != nil { return nil }
        if reset.code == .cancel, reset.by == .client { return .cancelled }
        return .failed(code: reset.code.name, message: "reset by the \(reset.by)")
    }

    private static let requestTexts: [(field: String, header: HPACKFieldName)] = [
        ("method", .method), ("target", .path), ("host", .authority), ("scheme", .scheme), ("protocol", .protocol),
        ("userAgent", .userAgent), ("requestType", .contentType),
    ]

    private func addRequest(to event: inout TimelineEvent) {
        if let headers = client.headers {
            for (field, header) in Self.requestTexts {
                if let text = headers.text(header) { event.add(field, .text(text)) }
            }
        }
        if client.dataBytes > 0 { event.add("requestBytes", .byteCount(client.dataBytes)) }
        if let status { event.add("status", .integer(Int64(status))) }
        if let type = server.headers?.text(.contentType) { event.add("responseType", .text(type)) }
        if let coding = server.headers?.text(.contentEncoding) { event.add("responseCoding", .text(coding)) }
        if server.dataBytes > 0 { event.add("responseBytes", .byteCount(server.dataBytes)) }
    }

    // MARK: gRPC

    /// The status is in the trailers; a call that fails at once has it in the only header block.
    private func callStatus(_ name: HPACKFieldName) -> [UInt8]? {
        server.trailers?.bytes(name) ?? server.headers?.bytes(name)
    }

    private var callOutcome: TimelineEvent.Outcome {
        if let code = callStatus(.grpcStatus).map({ DisplayText.decode($0.span, limit: 20) }) {
            guard code != "0" else { return .succeeded }
            let words = callStatus(.grpcMessage).map(GRPCStatus.message)
            let name = GRPCStatus.name(code)
            return .failed(code: code, message: words.map { "\(name): \($0)" } ?? name)
        }
        if let status, status != 200, server.ended != nil {
            return .failed(code: String(status), message: "an HTTP error in place of gRPC's")
        }
        return resetOutcome ?? .unfinished
    }

    private func addCall<Primitives: TimelinePrimitives>(
        _ grpc: GRPCContentType, _ primitives: Primitives.Type, to event: inout TimelineEvent
    ) {
        if let host = client.headers?.text(.authority) { event.add("host", .text(host)) }
        if let agent = client.headers?.text(.userAgent) { event.add("userAgent", .text(agent)) }
        event.add("format", .text((grpc.isWeb ? "web+" : "") + grpc.format))
        if let text = client.headers?.bytes(.grpcTimeout), let timeout = GRPCTimeout.nanoseconds(text) {
            event.add("timeout", .nanoseconds(timeout))
        }
        add(client, "sent", grpc, primitives, to: &event)
        add(server, "received", grpc, primitives, to: &event)
    }

    private func add<Primitives: TimelinePrimitives>(
        _ half: Half, _ side: String, _ grpc: GRPCContentType, _ primitives: Primitives.Type,
        to event: inout TimelineEvent
    ) {
        event.add(side + "Messages", .integer(Int64(clamping: half.messages.count)))
        event.add(side + "Bytes", .byteCount(half.messages.byteCount))
        let coding = half.headers?.text(.grpcEncoding)
        if let coding { event.add(side + "Coding", .text(coding)) }
        let shown = half.messages.shown.map {
            TimelineEvent.Value.text($0.text(format: grpc.format, coding: coding, primitives))
        }
        if !shown.isEmpty { event.add(side, .list(shown)) }
        if half.messages.isBroken || half.messages.isTruncated { event.add(side + "Truncated", .boolean(true)) }
    }

    // MARK: Both

    private func addEnding(to event: inout TimelineEvent) {
        if !interim.isEmpty { event.add("interim", .list(interim.map(TimelineEvent.Value.text))) }
        if let begun = server.begun, begun > start {
            event.add("firstByte", .nanoseconds(begun.monotonicNanoseconds - start.monotonicNanoseconds))
        }
        if isPushed { event.add("pushed", .boolean(true)) }
        if let reset { event.add("reset", .text("\(reset.code.name) by the \(reset.by)")) }
        if client.ended == nil, !isPushed { event.add("requestOpen", .boolean(true)) }
    }

    /// Fields that hold whole header blocks.
    static let tables = ["requestFields", "requestTrailers", "responseFields", "responseTrailers"]

    private func addHeaders(to event: inout TimelineEvent) {
        if let table = client.headers?.table { event.add("requestFields", table) }
        if let table = client.trailers?.table { event.add("requestTrailers", table) }
        if let table = server.headers?.table { event.add("responseFields", table) }
        if let table = server.trailers?.table { event.add("responseTrailers", table) }
    }
}
