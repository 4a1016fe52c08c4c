/// What the fields of a head say of the message and its connection, where they say it without doubt.
///
/// Two readers that disagree about where a message ends are how requests are smuggled (RFC 9112 §11.2): whatever has two
/// readings is a fault.
struct HTTPControls {
    private(set) var contentLength: UInt64?
    private(set) var isChunked = false
    private(set) var host: HTTPField?
    private(set) var closes = false
    private(set) var keepsAlive = false
    private(set) var asksForUpgrade = false
    private(set) var upgrade = HTTPUpgrade.none
    /// Where Content-Length or Transfer-Encoding stands, for faults.
    private(set) var framingOffset = 0

    private let direction: Direction

    init(
        _ fields: HTTPFields, _ version: HTTPVersion, _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) {
        self.direction = direction
        for field in fields {
            switch field.name {
            case .contentLength: try readContentLength(field, bytes)
            case .transferEncoding: try readTransferEncoding(field, version, bytes)
            case .host: try readHost(field)
            case .connection: try readConnection(field, bytes)
            case .upgrade: try readUpgrade(field, bytes)
            default: break
            }
        }
        if isChunked, contentLength != nil {
            throw fault("both Content-Length and Transfer-Encoding", at: framingOffset)
        }
        if !asksForUpgrade || version == .http10 { upgrade = .none }
    }

    /// Whether no other message follows on this connection (RFC 9112 §9.3).
    func isLast(_ version: HTTPVersion) -> Bool { closes || version == .http10 && !keepsAlive }

    private func fault(_ reason: StaticString, at offset: Int) -> WireFault {
        WireFault(.malformed, reason, direction, at: offset)
    }

    /// `1*DIGIT` (RFC 9110 §8.6), once; a leading zero is octal to some.
    private mutating func readContentLength(_ field: HTTPField, _ bytes: Span<UInt8>) throws(WireFault) {
        let range = field.valueRange
        guard contentLength == nil else { throw fault("Content-Length twice", at: range.lowerBound) }
        guard !range.isEmpty, range.count <= 18 else {
            throw fault("a Content-Length that is no number, or too large", at: range.lowerBound)
        }
        var value: UInt64 = 0
        for index in range {
            guard bytes[index].isDigit else { throw fault("a Content-Length that is no number", at: index) }
            value = value * 10 + UInt64(bytes[index] - 0x30)
        }
        guard range.count == 1 || bytes[range.lowerBound] != UInt8(ascii: "0") else {
            throw fault("a Content-Length with a leading zero", at: range.lowerBound)
        }
        contentLength = value
        framingOffset = range.lowerBound
    }

    /// "chunked" alone: no other transfer coding is in use, and each is somewhere taken for something else (RFC 9112 §6.1).
    private mutating func readTransferEncoding(
        _ field: HTTPField, _ version: HTTPVersion, _ bytes: Span<UInt8>
    ) throws(WireFault) {
        framingOffset = field.valueRange.lowerBound
        guard !isChunked else { throw fault("Transfer-Encoding twice", at: framingOffset) }
        guard bytes.extracting(field.valueRange).isEqualIgnoringCase("chunked") else {
            throw fault("a Transfer-Encoding that is not chunked alone", at: framingOffset)
        }
        guard version == .http11 else { throw fault("Transfer-Encoding in HTTP/1.0", at: framingOffset) }
        isChunked = true
    }

    private mutating func readHost(_ field: HTTPField) throws(WireFault) {
        guard host == nil else { throw fault("Host twice", at: field.nameRange.lowerBound) }
        host = field
    }

    /// A list of tokens (RFC 9110 §7.6.1).
    private mutating func readConnection(_ field: HTTPField, _ bytes: Span<UInt8>) throws(WireFault) {
        var elements = HTTPListReader(field.valueRange)
        while let range = elements.next(bytes) {
            for index in range where !bytes[index].isHTTPToken {
                throw fault("a Connection option that is no token", at: index)
            }
            let option = bytes.extracting(range)
            switch option.count {
            case 5 where option.isEqualIgnoringCase("close"): closes = true
            case 10 where option.isEqualIgnoringCase("keep-alive"): keepsAlive = true
            case 7 where option.isEqualIgnoringCase("upgrade"): asksForUpgrade = true
            default: break
            }
        }
    }

    /// More than one offer is ``HTTPUpgrade/other`` (RFC 9110 §7.8).
    private mutating func readUpgrade(_ field: HTTPField, _ bytes: Span<UInt8>) throws(WireFault) {
        let offer = bytes.extracting(field.valueRange)
        let isOnly = upgrade == .none
        upgrade = .other
        if isOnly, offer.isEqualIgnoringCase("websocket") { upgrade = .webSocket }
        if isOnly, offer.isEqualIgnoringCase("h2c") { upgrade = .h2c }
    }
}
