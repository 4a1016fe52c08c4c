import Protocols

/// What must hold for every input of the Postgres decoder. The fuzzer and the replay of its finds share it.
public enum PostgresProperties {
    /// A sentence on what does not hold, or `nil`.
    ///
    /// The input's first byte sets the decoder up; then come turns, as ``FuzzTurns`` reads them.
    public static func violation(_ input: [UInt8]) -> String? {
        guard let setup = input.first else { return nil }
        var limits = WireLimits()
        if setup & 2 != 0 {
            limits.wholeBytes = 40
            limits.statementBytes = 60
            limits.messageBytes = 1 << 20
        }
        let decoder = PostgresDecoder(limits: limits, start: setup & 1 == 0 ? .connection : .anywhere)
        let turns = FuzzTurns.read(input.dropFirst())
        var outside: String?
        let whole = WireTrace(decoder, limits: limits, turns: turns, .whole) { message, bytes in
            if let range = message.rangeOutside(bytes) { outside = "\(message) points to \(range) of \(bytes.count)" }
        }
        if let outside { return outside }
        let dripped = WireTrace(decoder, limits: limits, turns: turns, .byteByByte)
        guard whole == dripped else { return "whole and dripped differ:\n\(whole)\n\(dripped)" }
        return nil
    }
}

extension PostgresMessage {
    /// Reads everything that the message offers, and returns the first range that is not within its bytes.
    func rangeOutside(_ bytes: Span<UInt8>) -> Range<Int>? {
        let all = 0..<bytes.count
        return ranges(bytes).first { $0.lowerBound < all.lowerBound || $0.upperBound > all.upperBound }
    }

    private func ranges(_ bytes: Span<UInt8>) -> [Range<Int>] {
        switch self {
        case .query(let range), .password(let range), .saslResponse(let range), .gssResponse(let range),
            .commandComplete(let range), .copyData(let range), .copyFail(let range),
            .authentication(.gssContinue(let range)), .authentication(.saslContinue(let range)),
            .authentication(.saslFinal(let range)), .encryptionReply(.failed(let range)):
            [range]
        case .parse(let parse): [parse.statement, parse.sql] + read(parse.parameterTypes, bytes)
        case .bind(let bind):
            [bind.portal, bind.statement] + read(bind.parameters(in: bytes), bytes)
                + formats(bind.parameterFormats(in: bytes), bytes)
                + ((try? bind.resultFormats(in: bytes)).map { formats($0, bytes) } ?? [-1..<0])
        case .describe(let target), .close(let target): [target.name]
        case .execute(let execute): [execute.portal]
        case .functionCall(let call):
            read(call.arguments(in: bytes), bytes) + formats(call.argumentFormats(in: bytes), bytes)
        case .cancelRequest(let cancel): [cancel.key]
        case .backendKeyData(let data): [data.key]
        case .startup(let startup): pairs(startup.parameters, bytes)
        case .negotiateProtocolVersion(let negotiation): read(negotiation.options, bytes)
        case .authentication(.sasl(let mechanisms)): read(mechanisms.names, bytes)
        case .saslInitialResponse(let response): [response.mechanism] + (response.data.map { [$0] } ?? [])
        case .parameterDescription(let description): read(description.types, bytes)
        case .rowDescription(let description): read(description.columns, bytes)
        case .dataRow(let row): read(row.values, bytes)
        case .functionCallResponse(let response): response.value.range.map { [$0] } ?? []
        case .errorResponse(let diagnostic), .noticeResponse(let diagnostic): fields(diagnostic.fields, bytes)
        case .notificationResponse(let notification): [notification.channel, notification.payload]
        case .parameterStatus(let status): [status.name, status.value]
        case .copyInResponse(let copy), .copyOutResponse(let copy), .copyBothResponse(let copy):
            formats(copy.columnFormats(in: bytes), bytes)
        case .sslRequest, .gssEncryptionRequest, .encryptionReply, .authentication, .flush, .sync, .terminate,
            .parseComplete, .bindComplete, .closeComplete, .portalSuspended, .noData, .emptyQueryResponse,
            .readyForQuery, .copyDone, .longRequest, .longResponse:
            []
        }
    }

    private func read(_ reader: PostgresValueReader, _ bytes: Span<UInt8>) -> [Range<Int>] {
        var reader = reader
        var ranges: [Range<Int>] = []
        while let value = try? reader.next(in: bytes) { ranges += value.range.map { [$0] } ?? [] }
        return ranges
    }

    private func read(_ reader: PostgresColumnReader, _ bytes: Span<UInt8>) -> [Range<Int>] {
        var reader = reader
        var ranges: [Range<Int>] = []
        while let column = try? reader.next(in: bytes) { ranges.append(column.name) }
        return ranges
    }

    private func read(_ reader: PostgresObjectIDReader, _ bytes: Span<UInt8>) -> [Range<Int>] {
        var reader = reader
        while reader.next(in: bytes) != nil {}
        return []
    }

    private func read(_ reader: PostgresStringReader, _ bytes: Span<UInt8>) -> [Range<Int>] {
        var reader = reader
        var ranges: [Range<Int>] = []
        while let string = reader.next(in: bytes) { ranges.append(string) }
        return ranges
    }

    private func pairs(_ reader: PostgresParameterReader, _ bytes: Span<UInt8>) -> [Range<Int>] {
        var reader = reader
        var ranges: [Range<Int>] = []
        while let pair = reader.next(in: bytes) { ranges += [pair.name, pair.value] }
        return ranges
    }

    private func fields(_ reader: PostgresDiagnosticReader, _ bytes: Span<UInt8>) -> [Range<Int>] {
        var reader = reader
        var ranges: [Range<Int>] = []
        while let field = reader.next(in: bytes) { ranges.append(field.text) }
        return ranges
    }

    private func formats(_ formats: PostgresFormats, _ bytes: Span<UInt8>) -> [Range<Int>] {
        for index in 0..<formats.count { _ = formats.format(index, in: bytes) }
        return []
    }
}
