/// Reads both directions of an HTTP/2 connection (RFC 9113), header blocks included.
///
/// DATA comes as a head and body pieces, however short; everything else comes whole. A header block and its CONTINUATIONs
/// are one message, because nothing may come between them (§6.10).
///
/// A client that does not begin with the preface has been captured late: frames are read where they begin plausibly,
/// and fields whose index was never seen come as ``HPACKField/unknown``. After a hole it is the same.
public struct HTTP2Decoder: WireDecoder {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// Frames that are held whole; the data of DATA never is.
    static let wholeMaximum = 256 << 10
    /// CONTINUATION frames of one header block. Floods of them are an attack (CVE-2024-27316 and others).
    static let continuationsMaximum = 100

    /// Whether a direction is known to stand at a frame's first byte.
    enum Footing: UInt8, Sendable {
        /// The client owes its 24 bytes, the server its SETTINGS (§3.4).
        case preface
        case firm
        /// Behind a hole, or at the beginning of a late capture.
        case lost
        /// Behind a hole where no frame began.
        case givenUp
    }

    struct Lane: Sendable, Equatable {
        var footing: Footing
        /// What is left of a DATA or unknown frame's content, and the padding that follows it.
        var body = 0
        var padding = 0
        var bodyStream: UInt32 = 0
        var headers = HPACKDecoder()
    }

    var client = Lane(footing: .preface)
    var server = Lane(footing: .preface)
    private(set) var failure: WireFault?

    public init(limits: WireLimits) {}

    /// Reads what follows upon HTTP/1.1 (RFC 7540 §3.2). What its request has set for the header table is not known here: any size
    /// may be.
    public init(behindUpgrade limits: WireLimits) {
        self.init(limits: limits)
        for direction in Direction.allCases { self[direction].headers.allow(HPACKDecoder.capacityMaximum) }
    }

    public mutating func step(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<HTTP2Message> {
        if let failure { throw failure }
        guard bytes.count > 0 else { return .needMore(atLeast: 1) }
        do throws(WireFault) {
            return try read(bytes, direction)
        } catch {
            failure = error
            throw error
        }
    }

    /// Always `nil`: the driver knows what is unfinished, by the bytes left over or a last body piece that never came.
    public mutating func end(_ direction: Direction) throws(WireFault) -> Step<HTTP2Message>? {
        if let failure { throw failure }
        return nil
    }

    /// A hole within DATA is one in that data alone. Elsewhere it may hold a header block, and so changes of the table.
    public mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault) {
        if let failure { throw failure }
        if length > 0, UInt64(self[direction].body) >= length {
            self[direction].body -= Int(length)
            return
        }
        self[direction].body = 0
        self[direction].padding = 0
        loseTrack(direction)
        // The hole may hold the settings that bound the other direction's table.
        self[direction.opposite].headers.allow(HPACKDecoder.capacityMaximum)
    }

    subscript(direction: Direction) -> Lane {
        get { direction == .clientToServer ? client : server }
        _modify {
            if direction == .clientToServer { yield &client } else { yield &server }
        }
    }

    private mutating func loseTrack(_ direction: Direction) {
        self[direction].footing = .lost
        self[direction].headers.loseTrack()
    }

    private mutating func read(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<HTTP2Message> {
        switch self[direction].footing {
        case .preface: return try direction == .clientToServer ? readPreface(bytes) : readServerPreface(bytes)
        case .firm: return try readFirmly(bytes, direction)
        case .lost:
            guard let header = HTTP2FrameHeader(bytes, at: 0) else {
                return .needMore(atLeast: HTTP2FrameHeader.byteCount)
            }
            guard header.isPlausible else {
                self[direction].footing = .givenUp
                return .opaque(.unsupported)
            }
            self[direction].footing = .firm
            return try readFirmly(bytes, direction)
        case .givenUp: return .opaque(.unsupported)
        }
    }

    /// Whoever does not begin with the preface began before the capture did: then the server did, too.
    private mutating func readPreface(_ bytes: Span<UInt8>) throws(WireFault) -> Step<HTTP2Message> {
        for (index, expected) in Self.preface.enumerated() {
            guard index < bytes.count else { return .needMore(atLeast: bytes.count + 1) }
            if bytes[index] != expected {
                loseTrack(.clientToServer)
                server.headers.loseTrack()
                return try read(bytes, .clientToServer)
            }
        }
        client.footing = .firm
        return .message(.preface, length: Self.preface.count)
    }

    private mutating func readServerPreface(_ bytes: Span<UInt8>) throws(WireFault) -> Step<HTTP2Message> {
        guard let header = HTTP2FrameHeader(bytes, at: 0) else {
            return .needMore(atLeast: HTTP2FrameHeader.byteCount)
        }
        if header.kind == .settings, !header.isAcknowledgement {
            server.footing = .firm
        } else {
            loseTrack(.serverToClient)
        }
        return try read(bytes, .serverToClient)
    }

    private mutating func readFirmly(
        _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Step<HTTP2Message> {
        if self[direction].body > 0 {
            let length = min(bytes.count, self[direction].body)
            self[direction].body -= length
            return .body(length: length, isLast: self[direction].body == 0)
        }
        if self[direction].padding > 0 {
            let padding = self[direction].padding
            guard bytes.count >= padding else { return .needMore(atLeast: padding) }
            self[direction].padding = 0
            return .message(.padding(stream: self[direction].bodyStream), length: padding)
        }
        guard let header = HTTP2FrameHeader(bytes, at: 0) else {
            return .needMore(atLeast: HTTP2FrameHeader.byteCount)
        }
        if let flaw = header.flaw { throw WireFault(.malformed, flaw, direction) }
        return try frame(header, bytes, direction)
    }
}
