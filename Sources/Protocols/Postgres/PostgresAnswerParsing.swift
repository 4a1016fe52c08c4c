extension PostgresMessage {
    /// Reads a whole answer; `message` is all of it, from the type byte on.
    init(_ tag: PostgresBackendTag, parsing message: Span<UInt8>) throws(WireFault) {
        let start = Self.headerBytes
        let end = message.count
        switch tag {
        case .dataRow: self = .dataRow(try DataRow(parsing: message))
        case .rowDescription: self = .rowDescription(try RowDescription(parsing: message))
        case .parameterDescription: self = .parameterDescription(try ParameterDescription(parsing: message))
        case .commandComplete:
            self = .commandComplete(tag: start..<(try message.endOfLastText(from: start, .serverToClient)))
        case .readyForQuery: self = .readyForQuery(try TransactionStatus(parsing: message))
        case .parseComplete: self = try Self.bare(.parseComplete, message)
        case .bindComplete: self = try Self.bare(.bindComplete, message)
        case .closeComplete: self = try Self.bare(.closeComplete, message)
        case .portalSuspended: self = try Self.bare(.portalSuspended, message)
        case .noData: self = try Self.bare(.noData, message)
        case .emptyQueryResponse: self = try Self.bare(.emptyQueryResponse, message)
        case .errorResponse: self = .errorResponse(try Diagnostic(parsing: message))
        case .noticeResponse: self = .noticeResponse(try Diagnostic(parsing: message))
        case .notificationResponse: self = .notificationResponse(try Notification(parsing: message))
        case .parameterStatus: self = .parameterStatus(try ParameterStatus(parsing: message))
        case .copyInResponse: self = .copyInResponse(try CopyResponse(parsing: message))
        case .copyOutResponse: self = .copyOutResponse(try CopyResponse(parsing: message))
        case .copyBothResponse: self = .copyBothResponse(try CopyResponse(parsing: message))
        case .copyData: self = .copyData(start..<end)
        case .copyDone: self = try Self.bare(.copyDone, message)
        case .functionCallResponse: self = .functionCallResponse(try FunctionCallResponse(parsing: message))
        case .authentication: self = .authentication(try Authentication(parsing: message))
        case .backendKeyData: self = .backendKeyData(try BackendKeyData(parsing: message))
        case .negotiateProtocolVersion:
            self = .negotiateProtocolVersion(try NegotiateProtocolVersion(parsing: message))
        }
    }

    private static func bare(_ kind: PostgresMessage, _ message: Span<UInt8>) throws(WireFault) -> PostgresMessage {
        try message.expectCount(headerBytes, .serverToClient)
        return kind
    }
}

extension PostgresMessage.DataRow {
    /// The values are read when asked for; a count that cannot be true is refused at once.
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        guard let count = message.uint16BE(at: 5), 7 + 4 * Int(count) <= message.count else {
            throw WireFault(.malformed, "more values than the row can hold", .serverToClient, at: 5)
        }
        self.init(count: Int(count), end: message.count)
    }
}

extension PostgresMessage.RowDescription {
    /// The columns are read when asked for; a count that cannot be true is refused at once.
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        guard let count = message.uint16BE(at: 5), 7 + 19 * Int(count) <= message.count else {
            throw WireFault(.malformed, "more columns than the description can hold", .serverToClient, at: 5)
        }
        self.init(count: Int(count), end: message.count)
    }
}

extension PostgresMessage.ParameterDescription {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        guard let count = message.uint16BE(at: 5) else {
            throw WireFault(.malformed, "a parameter description without count", .serverToClient, at: 5)
        }
        try message.expectCount(7 + 4 * Int(count), .serverToClient)
        self.init(end: message.count)
    }
}

extension PostgresMessage.TransactionStatus {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        try message.expectCount(6, .serverToClient)
        guard let status = Self(rawValue: message[5]) else {
            throw WireFault(.malformed, "an unknown transaction status", .serverToClient, at: 5)
        }
        self = status
    }
}

extension PostgresMessage.Diagnostic {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        let content = PostgresMessage.headerBytes..<message.count
        var reader = PostgresDiagnosticReader(content: content)
        var end = content.lowerBound
        while let field = reader.next(in: message) { end = field.text.upperBound + 1 }
        guard end == message.count - 1, message[end] == 0 else {
            throw WireFault(.malformed, "an error or notice whose fields do not end", .serverToClient, at: end)
        }
        self.init(content: content)
    }
}

extension PostgresMessage.Notification {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        guard let processID = message.uint32BE(at: 5) else {
            throw WireFault(.malformed, "a notification without sender", .serverToClient, at: 5)
        }
        let channelEnd = try message.endOfText(from: 9, .serverToClient)
        _ = try message.endOfLastText(from: channelEnd + 1, .serverToClient)
        self.init(processID: Int32(bitPattern: processID), channelEnd: channelEnd, end: message.count)
    }
}

extension PostgresMessage.ParameterStatus {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        let nameEnd = try message.endOfText(from: PostgresMessage.headerBytes, .serverToClient)
        _ = try message.endOfLastText(from: nameEnd + 1, .serverToClient)
        self.init(nameEnd: nameEnd, end: message.count)
    }
}

extension PostgresMessage.CopyResponse {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        guard let count = message.uint16BE(at: 6), message[5] <= 1 else {
            throw WireFault(.malformed, "a COPY of an unknown format", .serverToClient, at: 5)
        }
        try message.expectCount(8 + 2 * Int(count), .serverToClient)
        self.init(format: PostgresFormat(rawValue: UInt16(message[5])), columnCount: Int(count))
    }
}

extension PostgresMessage.FunctionCallResponse {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        var reader = PostgresValueReader(
            content: PostgresMessage.headerBytes..<message.count, count: 1, .serverToClient)
        guard let value = try reader.next(in: message), reader.offset == message.count else {
            throw WireFault(.malformed, "a function's result of a wrong length", .serverToClient, at: 5)
        }
        self.init(value: value)
    }
}

extension PostgresMessage.BackendKeyData {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        guard (13...265).contains(message.count), let processID = message.uint32BE(at: 5) else {
            throw WireFault(.malformed, "a cancel key of a wrong length", .serverToClient, at: 1)
        }
        self.init(processID: Int32(bitPattern: processID), key: 9..<message.count)
    }
}

extension PostgresMessage.NegotiateProtocolVersion {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        guard let version = message.uint32BE(at: 5), let count = message.uint32BE(at: 9) else {
            throw WireFault(.malformed, "a version without options", .serverToClient, at: 5)
        }
        self.init(
            version: PostgresVersion(rawValue: version), optionCount: Int(count), content: 13..<message.count)
        var reader = options
        var end = 13
        var read = 0
        while let option = reader.next(in: message) {
            end = option.upperBound + 1
            read += 1
        }
        guard read == optionCount, end == message.count else {
            throw WireFault(.malformed, "options that do not fit their count", .serverToClient, at: 9)
        }
    }
}
