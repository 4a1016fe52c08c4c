// What is told of a stream.

extension HTTP2StreamDraft {
    func event<Primitives: TimelinePrimitives>(at end: Timestamp, _ primitives: Primitives.Type) -> TimelineEvent {
        var event = TimelineEvent(
            sequence: 0, start: start, end: end, stream: stream, kind: "http2.request", title: line,
            outcome: httpOutcome, request: client.range, response: server.range)
        if let grpc {
            event.kind = "grpc.call"
            event.title = method
            event.outcome = callOutcome
            event.fields = callFields(grpc, primitives)
        } else {
            event.fields = requestFields
        }
        event.fields += endingFields + headerFields
        return event
    }

    /// "GET /index.html".
    private var line: String {
        guard let headers = client.headers else { return "(asked before this begins)" }
        let method = headers.text(":method") ?? "?"
        return method + " " + (headers.text(":path") ?? headers.text(":authority") ?? "?")
    }

    /// "package.Service/Method": the path without its slash.
    private var method: String {
        guard let path = client.headers?.text(":path") else { return "(called before this begins)" }
        return path.hasPrefix("/") ? String(path.dropFirst()) : path
    }

    // MARK: HTTP

    private var status: Int? { server.headers?.text(":status").flatMap { Int($0) } }

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

    private var requestFields: [TimelineEvent.Field] {
        var fields: [TimelineEvent.Field] = []
        for (name, header) in [
            ("method", ":method"), ("target", ":path"), ("host", ":authority"), ("scheme", ":scheme"),
            ("protocol", ":protocol"), ("userAgent", "user-agent"), ("requestType", "content-type"),
        ] {
            if let text = client.headers?.text(header) { fields.append(.init(name, .text(text))) }
        }
        if client.dataBytes > 0 { fields.append(.init("requestBytes", .byteCount(client.dataBytes))) }
        if let status { fields.append(.init("status", .integer(Int64(status)))) }
        if let type = server.headers?.text("content-type") { fields.append(.init("responseType", .text(type))) }
        if let coding = server.headers?.text("content-encoding") {
            fields.append(.init("responseCoding", .text(coding)))
        }
        if server.dataBytes > 0 { fields.append(.init("responseBytes", .byteCount(server.dataBytes))) }
        return fields
    }

    // MARK: gRPC

    /// The status is in the trailers; a call that fails at once has it in the only header block.
    private func callStatus(_ name: String) -> [UInt8]? {
        server.trailers?.bytes(name) ?? server.headers?.bytes(name)
    }

    private var callOutcome: TimelineEvent.Outcome {
        if let code = callStatus("grpc-status").map({ DisplayText.decode($0.span, limit: 20) }) {
            guard code != "0" else { return .succeeded }
            let words = callStatus("grpc-message").map(GRPCStatus.message)
            let name = GRPCStatus.name(code)
            return .failed(code: code, message: words.map { "\(name): \($0)" } ?? name)
        }
        if let status, status != 200, server.ended != nil {
            return .failed(code: String(status), message: "an HTTP error in place of gRPC's")
        }
        return resetOutcome ?? .unfinished
    }

    private func callFields<Primitives: TimelinePrimitives>(
        _ grpc: GRPCContentType, _ primitives: Primitives.Type
    ) -> [TimelineEvent.Field] {
        var fields: [TimelineEvent.Field] = []
        if let host = client.headers?.text(":authority") { fields.append(.init("host", .text(host))) }
        if let agent = client.headers?.text("user-agent") { fields.append(.init("userAgent", .text(agent))) }
        fields.append(.init("format", .text((grpc.isWeb ? "web+" : "") + grpc.format)))
        if let text = client.headers?.bytes("grpc-timeout"), let timeout = GRPCTimeout.nanoseconds(text) {
            fields.append(.init("timeout", .nanoseconds(timeout)))
        }
        for (side, half) in [("sent", client), ("received", server)] {
            fields.append(.init(side + "Messages", .integer(Int64(clamping: half.messages.count))))
            fields.append(.init(side + "Bytes", .byteCount(half.messages.byteCount)))
            let coding = half.headers?.text("grpc-encoding")
            if let coding { fields.append(.init(side + "Coding", .text(coding))) }
            let shown = half.messages.shown.map {
                TimelineEvent.Value.text($0.text(format: grpc.format, coding: coding, primitives))
            }
            if !shown.isEmpty { fields.append(.init(side, .list(shown))) }
            if half.messages.isBroken || half.messages.isTruncated {
                fields.append(.init(side + "Truncated", .boolean(true)))
            }
        }
        return fields
    }

    // MARK: Both

    private var endingFields: [TimelineEvent.Field] {
        var fields: [TimelineEvent.Field] = []
        if !interim.isEmpty { fields.append(.init("interim", .list(interim.map(TimelineEvent.Value.text)))) }
        if let begun = server.begun, begun > start {
            let wait = begun.monotonicNanoseconds - start.monotonicNanoseconds
            fields.append(.init("firstByte", .nanoseconds(wait)))
        }
        if isPushed { fields.append(.init("pushed", .boolean(true))) }
        if let reset { fields.append(.init("reset", .text("\(reset.code.name) by the \(reset.by)"))) }
        if client.ended == nil, !isPushed { fields.append(.init("requestOpen", .boolean(true))) }
        return fields
    }

    private var headerFields: [TimelineEvent.Field] {
        [
            ("requestFields", client.headers), ("requestTrailers", client.trailers),
            ("responseFields", server.headers), ("responseTrailers", server.trailers),
        ].compactMap { name, headers in headers.map { .init(name, $0.table) } }
    }
}
