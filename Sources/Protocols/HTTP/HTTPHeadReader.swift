/// Reads a start line and the fields behind it, or a trailer section, line by line as the bytes come.
///
/// Every line ends in CRLF, and nothing else ends one; a line does not go on in the next (RFC 9112 §2.2, §5.2): what
/// another reader might take for a line's end is a fault.
struct HTTPHeadReader: Sendable, Equatable {
    enum StartLine: Sendable, Equatable {
        case request(method: Range<Int>, target: Range<Int>, HTTPVersion)
        case status(Int, reason: Range<Int>, HTTPVersion)
        /// The last chunk's line; what it holds has been read elsewhere.
        case none
    }

    /// A line up to its last part: a target, a reason phrase or a field's value.
    private struct PartialLine: Sendable, Equatable {
        var nameEnd: Int
        /// What comes before has been read.
        var cursor: Int
    }

    /// The longest method that is registered has 17 bytes; names are short, too.
    private static var methodBytes: Int { 32 }
    private static var nameBytes: Int { 256 }

    let direction: Direction
    private(set) var startLine: StartLine?
    private(set) var fields = HTTPFields()
    /// The first byte of the line that comes next.
    private var position = 0
    /// How far a line that drips in has been read; spares reading it from its start again.
    private var partial: PartialLine?

    init(_ direction: Direction) { self.direction = direction }

    /// Trailers: their fields begin at `position`.
    init(trailersOf direction: Direction, at position: Int) {
        self.direction = direction
        self.position = position
        startLine = StartLine.none
    }

    /// The length up to and with the empty line; `nil` before that has come.
    mutating func read(_ bytes: Span<UInt8>, limits: WireLimits) throws(WireFault) -> Int? {
        let end = min(bytes.count, limits.headBytes)
        let window = bytes.extracting(0..<end)
        while true {
            let next: Int?
            if startLine == nil {
                next = direction == .clientToServer ? try requestLine(window) : try statusLine(window)
            } else if try isEmptyLine(window) {
                return position + 2
            } else {
                next = try fieldLine(window, limits)
            }
            guard let next else { break }
            position = next
            partial = nil
        }
        guard bytes.count < limits.headBytes else { throw fault(.limitExceeded, "a head above its limit", at: end) }
        return nil
    }

    private func fault(_ code: WireFault.Code, _ reason: StaticString, at offset: Int) -> WireFault {
        WireFault(code, reason, direction, at: offset)
    }
}

extension HTTPHeadReader {
    private func isEmptyLine(_ bytes: Span<UInt8>) throws(WireFault) -> Bool {
        guard position + 1 < bytes.count, bytes[position] == .carriageReturn else { return false }
        guard bytes[position + 1] == .lineFeed else { throw bareCarriageReturn(at: position) }
        return true
    }

    /// `field-name ":" OWS field-value OWS` (RFC 9112 §5). Returns where the next line begins; `nil`: not whole yet.
    private mutating func fieldLine(_ bytes: Span<UInt8>, _ limits: WireLimits) throws(WireFault) -> Int? {
        let begun = partial == nil ? try fieldName(bytes) : partial
        guard var line = begun else { return nil }
        var index = bytes.endOfFieldContent(from: line.cursor)
        guard let next = try lineEnd(bytes, at: index) else {
            line.cursor = index
            partial = line
            return nil
        }
        guard fields.count < limits.fields else { throw fault(.limitExceeded, "too many fields", at: position) }
        let nameRange = position..<line.nameEnd
        var valueStart = line.nameEnd + 1
        while valueStart < index, bytes[valueStart].isHTTPWhitespace { valueStart += 1 }
        while index > valueStart, bytes[index - 1].isHTTPWhitespace { index -= 1 }
        let name = HTTPFieldName(bytes.extracting(nameRange))
        fields.append(HTTPField(name, nameRange: nameRange, valueRange: valueStart..<index, end: next))
        return next
    }

    /// The name at `position` with its colon; `nil` before the colon has come, or where the empty line may begin.
    @inline(__always)
    private func fieldName(_ bytes: Span<UInt8>) throws(WireFault) -> PartialLine? {
        let end = bytes.endOfToken(from: position)
        guard end < bytes.count, bytes[end] == UInt8(ascii: ":"), 1...Self.nameBytes ~= end - position else {
            try refuseName(bytes, position..<end)
            return nil
        }
        return PartialLine(nameEnd: end, cursor: end + 1)
    }

    /// Throws unless the token at the start of the line may still become a name, or the line is the empty one.
    @inline(never)
    private func refuseName(_ bytes: Span<UInt8>, _ token: Range<Int>) throws(WireFault) {
        let index = token.upperBound
        guard token.count <= Self.nameBytes else {
            throw fault(.limitExceeded, "a field name above its limit", at: position)
        }
        guard index < bytes.count, !(bytes[index] == .carriageReturn && token.isEmpty) else { return }
        throw badName(bytes[index], at: index)
    }

    /// Where the line after the CRLF at `index` begins; `nil` before both have come.
    @inline(__always)
    private func lineEnd(_ bytes: Span<UInt8>, at index: Int) throws(WireFault) -> Int? {
        guard index + 1 < bytes.count, bytes[index] == .carriageReturn, bytes[index + 1] == .lineFeed else {
            try refuseLineEnd(bytes, at: index)
            return nil
        }
        return index + 2
    }

    /// Throws unless what stands at `index` may still become a CRLF.
    @inline(never)
    private func refuseLineEnd(_ bytes: Span<UInt8>, at index: Int) throws(WireFault) {
        guard index < bytes.count else { return }
        guard bytes[index] == .carriageReturn else { throw badByte(bytes[index], at: index) }
        guard index + 1 < bytes.count else { return }
        throw bareCarriageReturn(at: index)
    }

    private func bareCarriageReturn(at index: Int) -> WireFault {
        fault(.malformed, "a carriage return without a line feed", at: index)
    }

    private func badByte(_ byte: UInt8, at index: Int) -> WireFault {
        byte == .lineFeed
            ? fault(.malformed, "a line feed without a carriage return", at: index)
            : fault(.malformed, "a control character in a head", at: index)
    }

    private func badName(_ byte: UInt8, at index: Int) -> WireFault {
        switch byte {
        case .lineFeed, .carriageReturn: fault(.malformed, "a field line without a colon", at: index)
        case .space,
            0x09 where index == position:
            fault(.malformed, "a line that begins with whitespace", at: index)
        case .space, 0x09: fault(.malformed, "whitespace before the colon", at: index)
        default: fault(.malformed, "a character that no field name has", at: index)
        }
    }
}

extension HTTPHeadReader {
    /// `method SP request-target SP HTTP-version` (RFC 9112 §3). One empty line before it is skipped (§2.2).
    private mutating func requestLine(_ bytes: Span<UInt8>) throws(WireFault) -> Int? {
        var start = 0
        if bytes.count > 0, bytes[0] == .carriageReturn {
            guard let next = try lineEnd(bytes, at: 0) else { return nil }
            start = next
        }
        guard let methodEnd = try method(bytes, from: start) else { return nil }
        var index = partial?.cursor ?? methodEnd + 1
        // Visible ASCII; what else RFC 3986 forbids there is the target's own matter.
        while index < bytes.count, bytes[index] > .space, bytes[index] < 0x7f { index += 1 }
        let target = (methodEnd + 1)..<index
        partial = PartialLine(nameEnd: methodEnd, cursor: index)
        guard index < bytes.count else { return nil }
        guard bytes[index] == .space, !target.isEmpty else {
            throw fault(.malformed, "a request line that is not method, target and version", at: index)
        }
        guard let version = try version(bytes, at: index + 1) else { return nil }
        guard let next = try lineEnd(bytes, at: index + 9) else { return nil }
        startLine = .request(method: start..<methodEnd, target: target, version)
        return next
    }

    /// `HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 §4); the second space may be missing with the phrase.
    private mutating func statusLine(_ bytes: Span<UInt8>) throws(WireFault) -> Int? {
        guard let version = try version(bytes, at: 0) else { return nil }
        guard bytes.count > 8 else { return nil }
        guard bytes[8] == .space else { throw fault(.malformed, "a status line without a status", at: 8) }
        var status = 0
        for index in 9..<12 {
            guard index < bytes.count else { return nil }
            guard bytes[index].isDigit else { throw fault(.malformed, "a status that is not three digits", at: index) }
            status = status * 10 + Int(bytes[index] - 0x30)
        }
        guard status >= 100 else { throw fault(.malformed, "a status below 100", at: 9) }
        var index = partial?.cursor ?? 12
        if partial == nil, index < bytes.count, bytes[index] == .space { index += 1 }
        if index > 12 {
            index = bytes.endOfFieldContent(from: index)
            partial = PartialLine(nameEnd: 12, cursor: index)
        }
        guard let next = try lineEnd(bytes, at: index) else { return nil }
        startLine = .status(status, reason: min(13, index)..<index, version)
        return next
    }

    /// The index of the space behind the method.
    private func method(_ bytes: Span<UInt8>, from start: Int) throws(WireFault) -> Int? {
        let index = bytes.endOfToken(from: start)
        guard index - start <= Self.methodBytes else {
            throw fault(.limitExceeded, "a method above its limit", at: start)
        }
        guard index < bytes.count else { return nil }
        guard bytes[index] == .space, index > start else {
            throw fault(.malformed, "a request line that begins with no method", at: index)
        }
        return index
    }

    /// "HTTP/1.0" or "HTTP/1.1" at `start`.
    private func version(_ bytes: Span<UInt8>, at start: Int) throws(WireFault) -> HTTPVersion? {
        let prefix = "HTTP/1.".utf8.span
        for index in prefix.indices {
            guard start + index < bytes.count else { return nil }
            guard bytes[start + index] == prefix[index] else {
                throw fault(.malformed, "a version that is neither HTTP/1.0 nor HTTP/1.1", at: start + index)
            }
        }
        guard start + 7 < bytes.count else { return nil }
        switch bytes[start + 7] {
        case UInt8(ascii: "1"): return .http11
        case UInt8(ascii: "0"): return .http10
        default: throw fault(.malformed, "a version that is neither HTTP/1.0 nor HTTP/1.1", at: start + 7)
        }
    }
}
