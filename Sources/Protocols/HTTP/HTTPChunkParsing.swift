// The chunked transfer coding (RFC 9112 §7.1).

extension HTTPDecoder {
    /// Size digits read at most: sizes fit in 63 bits, whoever reads them.
    private static var sizeDigits: Int { 15 }

    /// `chunk-size [ chunk-ext ] CRLF`; behind size 0 the trailer section belongs to it.
    mutating func chunkLine(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<HTTPMessage> {
        if let reader = state.takeReader(direction) { return try trailers(bytes, reader) }
        let window = bytes.extracting(0..<min(bytes.count, limits.chunkLineBytes))
        guard let (chunk, length) = try Self.chunk(window, direction) else {
            guard bytes.count < limits.chunkLineBytes else {
                throw WireFault(.limitExceeded, "a chunk line above its limit", direction)
            }
            return .needMore(atLeast: bytes.count + 1)
        }
        guard chunk.size > 0 else {
            return try trailers(bytes, HTTPHeadReader(trailersOf: direction, at: length))
        }
        state[direction].position = .chunkData(chunk.size)
        return .head(.chunk(chunk), length: length, body: chunk.size)
    }

    mutating func chunkEnd(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<HTTPMessage> {
        guard bytes[0] == .carriageReturn, bytes.count < 2 || bytes[1] == .lineFeed else {
            throw WireFault(.malformed, "chunk data that goes on behind its size", direction)
        }
        guard bytes.count >= 2 else { return .needMore(atLeast: 2) }
        state[direction].position = .chunkLine
        return .message(.chunkEnd, length: 2)
    }

    /// `*( field-line CRLF ) CRLF`, without fields that would change how the message was read (RFC 9110 §6.5.1).
    private mutating func trailers(
        _ bytes: Span<UInt8>, _ begun: HTTPHeadReader
    ) throws(WireFault) -> Step<HTTPMessage> {
        var reader = begun
        guard let length = try reader.read(bytes, limits: limits) else {
            state.keep(reader)
            return .needMore(atLeast: bytes.count + 1)
        }
        for field in reader.fields where !field.name.isAllowedInTrailers {
            let reason: StaticString = "a field that must not be in trailers"
            throw WireFault(.malformed, reason, reader.direction, at: field.nameRange.lowerBound)
        }
        finishMessage(reader.direction)
        return .message(.trailers(reader.fields), length: length)
    }

    /// `nil` before the line is whole.
    private static func chunk(
        _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> (HTTPChunk, length: Int)? {
        var size: UInt64 = 0
        var index = 0
        while index < bytes.count, let digit = Hex.digit(bytes[index]) {
            guard index < sizeDigits else { throw WireFault(.limitExceeded, "a chunk size above its limit", direction) }
            size = size << 4 | UInt64(digit)
            index += 1
        }
        guard index < bytes.count else { return nil }
        let sizeEnd = index
        guard sizeEnd > 0, bytes[index] == .carriageReturn || bytes[index] == UInt8(ascii: ";") else {
            throw WireFault(.malformed, "a chunk size that is no number", direction, at: index)
        }
        var isQuoted = false
        while index < bytes.count, isExtension(bytes[index], isQuoted) {
            if bytes[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
            index += 1
        }
        guard index < bytes.count else { return nil }
        guard bytes[index] == .carriageReturn, !isQuoted, index + 1 >= bytes.count || bytes[index + 1] == .lineFeed
        else {
            throw WireFault(.malformed, "a chunk line that does not end in CRLF", direction, at: index)
        }
        guard index + 1 < bytes.count else { return nil }
        return (HTTPChunk(size: size, extensions: sizeEnd..<index), index + 2)
    }

    /// A character of `chunk-ext` (§7.1.1). An escape has no use there, and a quote behind one two readings.
    private static func isExtension(_ byte: UInt8, _ isQuoted: Bool) -> Bool {
        if byte == UInt8(ascii: "\\") { return false }
        if isQuoted { return byte.isHTTPFieldContent }
        return byte.isHTTPToken || byte.isHTTPWhitespace || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "=")
            || byte == UInt8(ascii: "\"")
    }
}

extension HTTPFieldName {
    /// Framing, routing, authentication and connection management are settled by the head (RFC 9110 §6.5.1).
    var isAllowedInTrailers: Bool {
        switch self {
        case .host, .contentLength, .transferEncoding, .connection, .keepAlive, .proxyConnection, .te, .trailer,
            .upgrade, .authorization, .proxyAuthorization, .proxyAuthenticate, .wwwAuthenticate, .cookie, .setCookie,
            .contentType, .contentEncoding, .expect, .forwarded, .via, .origin:
            false
        default: true
        }
    }
}
