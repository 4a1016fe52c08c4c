/// Writes a head: a start line, then fields, as they came or our own, then the empty line.
///
/// What it writes, ``HTTPDecoder`` reads as exactly that head: nothing that ends a line gets into one.
public struct HTTPHeadEncoder: Sendable {
    /// Something that cannot stand in a head; never quoted, for it may be secret.
    public struct Fault: Error, Sendable, Equatable {}

    private var bytes: [UInt8] = []
    private static let requestLineEnd = Array(" HTTP/1.1\r\n".utf8)

    /// The request line of `head` for this hop: our version, and the target in origin-form where it is a URI (RFC 9112
    /// §3.2.1). `target` replaces the whole target.
    public init(_ head: HTTPRequestHead, target: String? = nil, _ source: Span<UInt8>) throws(Fault) {
        bytes.reserveCapacity(source.count + 256)
        bytes.append(source.extracting(head.methodName))
        bytes.append(.space)
        if let target {
            try append(target, where: { $0 > .space && $0 < 0x7f && $0 != UInt8(ascii: "#") })
        } else {
            appendOriginForm(head, source)
        }
        bytes += Self.requestLineEnd
    }

    /// The status line of `head` for this hop: our version.
    public init(_ head: HTTPResponseHead, _ source: Span<UInt8>) {
        bytes.reserveCapacity(source.count + 256)
        append("HTTP/1.1 \(head.status) ")
        bytes.append(source.extracting(head.reason))
        append("\r\n")
    }

    /// A request of our own.
    public init(method: String, target: String) throws(Fault) {
        try append(method, where: { $0.isHTTPToken })
        bytes.append(.space)
        try append(target, where: { $0 > .space && $0 < 0x7f && $0 != UInt8(ascii: "#") })
        bytes += Self.requestLineEnd
    }

    /// A response of our own; `status` has three digits.
    public init(status: Int, reason: String) throws(Fault) {
        guard (100...999).contains(status) else { throw Fault() }
        append("HTTP/1.1 \(status) ")
        try append(reason, where: { $0.isHTTPFieldContent })
        append("\r\n")
    }

    /// A field line as it came.
    public mutating func copy(_ field: HTTPField, from source: Span<UInt8>) {
        bytes.append(source.extracting(field.line))
    }

    /// A field of our own. Throws, and writes nothing, when the name is no token or the value has a control character.
    public mutating func add(_ name: String, _ value: String) throws(Fault) { try add(name, value.utf8.span) }

    /// A field of our own, whose value is bytes.
    public mutating func add(_ name: String, _ value: Span<UInt8>) throws(Fault) {
        try bytes.append(field: name, value)
    }

    /// A field of our own that many heads have.
    public mutating func add(_ line: Line) { bytes += line.bytes }

    /// A field line that is known to be one.
    public struct Line: Sendable {
        fileprivate let bytes: [UInt8]

        /// As ``HTTPHeadEncoder/add(_:_:)``.
        public init(_ name: String, _ value: String) throws(Fault) {
            var bytes: [UInt8] = []
            try bytes.append(field: name, value.utf8.span)
            self.bytes = bytes
        }
    }

    /// How long the content is, as this hop says it; nothing where it says nothing.
    public mutating func add(_ framing: HTTPFraming) {
        switch framing {
        case .length(let count): append("Content-Length: \(count)\r\n")
        case .chunked: append("Transfer-Encoding: chunked\r\n")
        case .none, .untilClose: break
        }
    }

    /// The head with its empty line.
    public consuming func finish() -> [UInt8] {
        bytes.append(.carriageReturn)
        bytes.append(.lineFeed)
        return bytes
    }

    /// How many bytes are written; where the next field begins.
    public var count: Int { bytes.count }

    private mutating func append(_ text: String) { bytes.append(text.utf8.span) }

    private mutating func append(_ text: String, where isAllowed: (UInt8) -> Bool) throws(Fault) {
        guard text.utf8.span.consists(isAllowed) else { throw Fault() }
        append(text)
    }

    private mutating func appendOriginForm(_ head: HTTPRequestHead, _ source: Span<UInt8>) {
        let target = source.extracting(head.target)
        guard head.targetForm == .absolute, let authority = head.authority(source) else {
            bytes.append(target)
            return
        }
        let rest = source.extracting(authority.upperBound..<head.target.upperBound)
        // OPTIONS to an empty path asks the server as a whole (RFC 9112 §3.2.4).
        if rest.count == 0 {
            append(head.method == .options ? "*" : "/")
        } else if rest[0] != UInt8(ascii: "/") {
            append("/")
        }
        bytes.append(rest)
    }
}

extension [UInt8] {
    fileprivate mutating func append(field name: String, _ value: Span<UInt8>) throws(HTTPHeadEncoder.Fault) {
        let name = name.utf8.span
        guard name.count > 0, name.endOfToken(from: 0) == name.count else { throw HTTPHeadEncoder.Fault() }
        guard value.endOfFieldContent(from: 0) == value.count else { throw HTTPHeadEncoder.Fault() }
        append(name)
        append(UInt8(ascii: ":"))
        append(.space)
        append(value)
        append(.carriageReturn)
        append(.lineFeed)
    }
}

/// The chunked transfer coding, written (RFC 9112 §7.1).
public enum HTTPChunkEncoder {
    /// Ends a chunk's data.
    public static let chunkEnd: [UInt8] = [0x0d, 0x0a]
    /// Ends the content, without trailers.
    public static let lastChunk: [UInt8] = Array("0\r\n\r\n".utf8)

    /// One whole chunk; `data` is not empty.
    public static func chunk(_ data: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        appendChunkLine(data.count, to: &bytes)
        return bytes + data + chunkEnd
    }

    /// The line before `size` bytes of data; `size` is not 0.
    public static func appendChunkLine(_ size: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(size, radix: 16).utf8)
        bytes.append(contentsOf: chunkEnd)
    }
}
