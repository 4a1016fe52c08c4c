extension PostgresMessage {
    /// Reads a whole request; `message` is all of it, from the type byte on.
    init(_ tag: PostgresFrontendTag, parsing message: Span<UInt8>) throws(WireFault) {
        let start = Self.headerBytes
        let end = message.count
        switch tag {
        case .query:
            self = .query(sql: start..<(try message.endOfLastText(from: start, .clientToServer)))
        case .parse: self = .parse(try Parse(parsing: message))
        case .bind: self = .bind(try Bind(parsing: message))
        case .describe: self = .describe(try Target(parsing: message))
        case .execute: self = .execute(try Execute(parsing: message))
        case .close: self = .close(try Target(parsing: message))
        case .functionCall: self = .functionCall(try FunctionCall(parsing: message))
        case .copyData: self = .copyData(start..<end)
        case .copyFail:
            self = .copyFail(reason: start..<(try message.endOfLastText(from: start, .clientToServer)))
        case .flush: self = try Self.bare(.flush, message)
        case .sync: self = try Self.bare(.sync, message)
        case .terminate: self = try Self.bare(.terminate, message)
        case .copyDone: self = try Self.bare(.copyDone, message)
        case .authenticationResponse: self = .saslResponse(start..<end)
        }
    }

    private static func bare(_ kind: PostgresMessage, _ message: Span<UInt8>) throws(WireFault) -> PostgresMessage {
        try message.expectCount(headerBytes, .clientToServer)
        return kind
    }
}

extension PostgresMessage.Parse {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        let nameEnd = try message.endOfText(from: PostgresMessage.headerBytes, .clientToServer)
        let sqlEnd = try message.endOfText(from: nameEnd + 1, .clientToServer)
        guard let count = message.uint16BE(at: sqlEnd + 1) else {
            throw WireFault(.malformed, "a Parse without parameter count", .clientToServer, at: sqlEnd)
        }
        try message.expectCount(sqlEnd + 3 + 4 * Int(count), .clientToServer)
        self.init(nameEnd: nameEnd, sqlEnd: sqlEnd, end: message.count)
    }
}

extension PostgresMessage.Bind {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        let portalEnd = try message.endOfText(from: PostgresMessage.headerBytes, .clientToServer)
        let statementEnd = try message.endOfText(from: portalEnd + 1, .clientToServer)
        self.init(portalEnd: portalEnd, statementEnd: statementEnd, end: message.count)
        let results = try resultFormats(in: message)
        guard results.isWithin(message), results.end == message.count else {
            throw WireFault(.malformed, "a Bind without result formats", .clientToServer, at: statementEnd)
        }
    }
}

extension PostgresMessage.Target {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        guard message.count > 6, let kind = Kind(rawValue: message[5]) else {
            throw WireFault(.malformed, "neither a statement nor a portal", .clientToServer, at: 5)
        }
        let end = try message.endOfLastText(from: 6, .clientToServer)
        self.init(kind: kind, name: 6..<end)
    }
}

extension PostgresMessage.Execute {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        let start = PostgresMessage.headerBytes
        let portalEnd = try message.endOfText(from: start, .clientToServer)
        try message.expectCount(portalEnd + 5, .clientToServer)
        let rows = message.uint32BE(at: portalEnd + 1) ?? 0
        self.init(portal: start..<portalEnd, maximumRows: Int32(bitPattern: rows))
    }
}

extension PostgresMessage.FunctionCall {
    fileprivate init(parsing message: Span<UInt8>) throws(WireFault) {
        guard let function = message.uint32BE(at: PostgresMessage.headerBytes) else {
            throw WireFault(.malformed, "a FunctionCall without function", .clientToServer, at: 5)
        }
        self.init(function: function, end: message.count)
        var values = arguments(in: message)
        while try values.next(in: message) != nil {}
        guard values.offset + 2 == message.count else {
            throw WireFault(.malformed, "a FunctionCall without result format", .clientToServer, at: values.offset)
        }
    }
}
