/// Reads the fields of one packet's payload (RFC 4251 §5). Whatever does not fit is a fault of its sender.
struct SSHReader: Sendable {
    private var index: Int
    private let end: Int
    private let direction: Direction

    init(_ range: Range<Int>, _ direction: Direction) {
        index = range.lowerBound
        end = range.upperBound
        self.direction = direction
    }

    mutating func byte(in bytes: Span<UInt8>) throws(WireFault) -> UInt8 { bytes[try take(1).lowerBound] }

    mutating func uint32(in bytes: Span<UInt8>) throws(WireFault) -> UInt32 {
        bytes.uint32BE(at: try take(4).lowerBound) ?? 0
    }

    /// A string or name-list without its length.
    mutating func string(in bytes: Span<UInt8>) throws(WireFault) -> Range<Int> {
        try take(Int(try uint32(in: bytes)))
    }

    mutating func skip(_ count: Int) throws(WireFault) { _ = try take(count) }

    private mutating func take(_ count: Int) throws(WireFault) -> Range<Int> {
        guard count <= end - index else {
            throw WireFault(.malformed, "a message ends within one of its fields", direction, at: index)
        }
        defer { index += count }
        return index..<index + count
    }
}

extension SSHKeyExchangeInit {
    /// §7.1; the reader stands behind the message number.
    init(_ reader: inout SSHReader, in bytes: Span<UInt8>) throws(WireFault) {
        let cookieByteCount = 16
        try reader.skip(cookieByteCount)
        keyExchange = try reader.string(in: bytes)
        hostKey = try reader.string(in: bytes)
        cipher = try SSHPerDirection(&reader, in: bytes)
        mac = try SSHPerDirection(&reader, in: bytes)
        compression = try SSHPerDirection(&reader, in: bytes)
        languages = try SSHPerDirection(&reader, in: bytes)
        guesses = try reader.byte(in: bytes) != 0
    }
}

extension SSHPerDirection {
    init(_ reader: inout SSHReader, in bytes: Span<UInt8>) throws(WireFault) {
        clientToServer = try reader.string(in: bytes)
        serverToClient = try reader.string(in: bytes)
    }
}

extension SSHIdentification {
    private static let prefix = Array("SSH-".utf8)

    /// Whether the bytes begin like an identification; `nil` while they are too few to tell.
    static func begins(_ bytes: Span<UInt8>) -> Bool? {
        for index in 0..<prefix.count {
            guard index < bytes.count else { return nil }
            guard bytes[index] == prefix[index] else { return false }
        }
        return true
    }

    /// "SSH-protoversion-softwareversion SP comments" (§4.2).
    init(_ bytes: Span<UInt8>, _ line: Range<Int>, _ direction: Direction) throws(WireFault) {
        let start = Self.prefix.count
        guard let dash = bytes.firstIndex(of: UInt8(ascii: "-"), from: start), dash < line.upperBound else {
            throw WireFault(.malformed, "an identification without software version", direction)
        }
        for index in line where bytes[index] == 0 {
            throw WireFault(.malformed, "an identification with a null character", direction, at: index)
        }
        self.line = line
        version = start..<dash
        if let space = bytes.firstIndex(of: UInt8(ascii: " "), from: dash), space < line.upperBound {
            software = dash + 1..<space
            comments = space + 1..<line.upperBound
        } else {
            software = dash + 1..<line.upperBound
            comments = nil
        }
    }

    /// Which protocol the peer speaks; a fault when it is none that ever was.
    func version(in bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> SSHVersion {
        let text = DisplayText.decode(bytes.extracting(version), limit: 8)
        switch text {
        case "2.0": return .two
        // RFC 4253 §5.1 makes "1.99" the server's; a client that says it speaks version 2 as well.
        case "1.99": return direction == .serverToClient ? .both : .two
        default:
            guard text.hasPrefix("1.") else {
                throw WireFault(.malformed, "an unknown protocol version", direction, at: version.lowerBound)
            }
            return .one
        }
    }
}
