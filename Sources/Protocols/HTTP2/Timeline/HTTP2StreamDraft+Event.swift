// What is told of a stream.

extension HTTP2StreamDraft {
    /// - Parameter selection: what will be asked for.
    func event<Primitives: TimelinePrimitives>(
        at end: Timestamp, _ selection: EventSelection, _ primitives: Primitives.Type
    ) -> TimelineEvent {
        var fields = SelectedFields(selection)
        if let grpc { addCall(grpc, primitives, to: &fields) } else { addRequest(to: &fields) }
        addEnding(to: &fields)
        addHeaders(to: &fields)
        let isCall = grpc != nil
        return TimelineEvent(
            sequence: 0, start: start, end: end, stream: stream, kind: isCall ? "grpc.call" : "http2.request",
            title: isCall ? method : line, outcome: isCall ? callOutcome : httpOutcome, fields: fields.all,
            request: client.range, response: server.range)
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

    private func addRequest(to fields: inout SelectedFields) {
        if let headers = client.headers {
            fields.add(HTTP2Fields.method, headers.value(.method))
            fields.add(HTTP2Fields.target, headers.value(.path))
            fields.add(HTTP2Fields.host, headers.value(.authority))
            fields.add(HTTP2Fields.scheme, headers.value(.scheme))
            fields.add(HTTP2Fields.protocol, headers.value(.protocol))
            fields.add(HTTP2Fields.userAgent, headers.value(.userAgent))
            fields.add(HTTP2Fields.requestType, headers.value(.contentType))
        }
        if client.dataBytes > 0 { fields.add(HTTP2Fields.requestBytes, .byteCount(client.dataBytes)) }
        fields.add(HTTP2Fields.status, status.map { .integer(Int64($0)) })
        fields.add(HTTP2Fields.responseType, server.headers?.value(.contentType))
        fields.add(HTTP2Fields.responseCoding, server.headers?.value(.contentEncoding))
        if server.dataBytes > 0 { fields.add(HTTP2Fields.responseBytes, .byteCount(server.dataBytes)) }
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
        _ grpc: GRPCContentType, _ primitives: Primitives.Type, to fields: inout SelectedFields
    ) {
        fields.add(HTTP2Fields.host, client.headers?.value(.authority))
        fields.add(HTTP2Fields.userAgent, client.headers?.value(.userAgent))
        fields.add(HTTP2Fields.format, .text((grpc.isWeb ? "web+" : "") + grpc.format))
        fields.add(
            HTTP2Fields.timeout,
            client.headers?.bytes(.grpcTimeout).flatMap(GRPCTimeout.nanoseconds).map { .nanoseconds($0) })
        add(client, .sent, grpc, primitives, to: &fields)
        add(server, .received, grpc, primitives, to: &fields)
    }

    private func add<Primitives: TimelinePrimitives>(
        _ half: Half, _ names: HTTP2Fields.Messages, _ grpc: GRPCContentType, _ primitives: Primitives.Type,
        to fields: inout SelectedFields
    ) {
        let messages = half.messages ?? GRPCMessageReader()
        fields.add(names.count, .integer(Int64(clamping: messages.count)))
        fields.add(names.bytes, .byteCount(messages.byteCount))
        fields.add(names.coding, half.headers?.value(.grpcEncoding))
        if !messages.shown.isEmpty {
            fields.add(names.shown, .list(shown(messages, of: half, grpc, primitives)))
        }
        if messages.isBroken || messages.isTruncated { fields.add(names.truncated, .boolean(true)) }
    }

    private func shown<Primitives: TimelinePrimitives>(
        _ messages: GRPCMessageReader, of half: Half, _ grpc: GRPCContentType, _ primitives: Primitives.Type
    ) -> [TimelineEvent.Value] {
        let coding = half.headers?.text(.grpcEncoding)
        return messages.shown.map { .text($0.text(format: grpc.format, coding: coding, primitives)) }
    }

    // MARK: Both

    private func addEnding(to fields: inout SelectedFields) {
        if !interim.isEmpty { fields.add(HTTP2Fields.interim, .list(interim.map(TimelineEvent.Value.text))) }
        if let begun = server.begun, begun > start {
            let duration = begun.monotonicNanoseconds - start.monotonicNanoseconds
            fields.add(HTTP2Fields.firstByte, .nanoseconds(duration))
        }
        if isPushed { fields.add(HTTP2Fields.pushed, .boolean(true)) }
        if let reset { fields.add(HTTP2Fields.reset, .text("\(reset.code.name) by the \(reset.by)")) }
        if client.ended == nil, !isPushed { fields.add(HTTP2Fields.requestOpen, .boolean(true)) }
    }

    private func addHeaders(to fields: inout SelectedFields) {
        fields.add(HTTP2Fields.requestFields, client.headers?.table)
        fields.add(HTTP2Fields.requestTrailers, client.trailers?.table)
        fields.add(HTTP2Fields.responseFields, server.headers?.table)
        fields.add(HTTP2Fields.responseTrailers, server.trailers?.table)
    }
}
