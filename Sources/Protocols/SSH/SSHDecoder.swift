/// Reads both directions of an SSH connection as far as it can be read without keys (RFC 4253): identification lines,
/// KEXINIT, the key exchange, NEWKEYS. What follows NEWKEYS is opaque, direction by direction.
public struct SSHDecoder: WireDecoder {
    /// Where one direction stands.
    enum Phase: UInt8, Sendable {
        case identification
        case packets
        case opaque
    }

    struct Lane: Sendable, Equatable {
        var phase = Phase.identification
        var opaqueReason = OpaqueReason.unsupported
        /// Bytes of the lines before the identification.
        var lineBytes = 0
        var version: SSHVersion?
        var hasSentInit = false
    }

    private let limits: WireLimits
    var client = Lane()
    var server = Lane()
    private(set) var failure: WireFault?

    public init(limits: WireLimits) { self.limits = limits }

    /// A decoder behind both sides' NEWKEYS.
    static func encrypted(limits: WireLimits) -> SSHDecoder {
        var decoder = SSHDecoder(limits: limits)
        for direction in Direction.allCases { decoder.makeOpaque(direction, .encrypted) }
        return decoder
    }

    /// Both sides have sent NEWKEYS.
    var isEncrypted: Bool {
        failure == nil
            && Direction.allCases.allSatisfy { self[$0].phase == .opaque && self[$0].opaqueReason == .encrypted }
    }

    public mutating func step(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<SSHMessage> {
        if let failure { throw failure }
        guard bytes.count > 0 else { return .needMore(atLeast: 1) }
        do throws(WireFault) {
            switch self[direction].phase {
            case .identification: return try identification(bytes, direction)
            case .packets: return try packet(bytes, direction)
            case .opaque: return .opaque(self[direction].opaqueReason)
            }
        } catch {
            failure = error
            throw error
        }
    }

    /// Always `nil`: the driver knows what is unfinished, by the bytes left over.
    public mutating func end(_ direction: Direction) throws(WireFault) -> Step<SSHMessage>? {
        if let failure { throw failure }
        return nil
    }

    /// Packets cannot be found again behind a hole, nor can it be known whether NEWKEYS was in it.
    public mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault) {
        if let failure { throw failure }
        if self[direction].phase != .opaque { makeOpaque(direction, .unsupported) }
    }

    subscript(direction: Direction) -> Lane {
        get { direction == .clientToServer ? client : server }
        set { if direction == .clientToServer { client = newValue } else { server = newValue } }
    }

    private mutating func makeOpaque(_ direction: Direction, _ reason: OpaqueReason) {
        self[direction].phase = .opaque
        self[direction].opaqueReason = reason
    }
}

/// What a peer's identification says that it speaks.
enum SSHVersion: UInt8, Sendable {
    case one
    case two
    /// "1.99": a server that speaks both (§5.1).
    case both
}

// MARK: Identification (§4.2)

extension SSHDecoder {
    /// §4.2 allows 255 bytes with the line's end; lines before it have no bound there, and 8 KiB in OpenSSH's client.
    private static let identificationMaximum = 255
    private static let lineMaximum = 8192

    private mutating func identification(
        _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Step<SSHMessage> {
        let isIdentification = SSHIdentification.begins(bytes)
        guard let isIdentification else { return .needMore(atLeast: bytes.count + 1) }
        if !isIdentification, direction == .clientToServer {
            throw WireFault(.malformed, "the client does not begin with an SSH identification", direction)
        }
        let maximum = isIdentification ? Self.identificationMaximum : Self.lineMaximum
        guard let newline = bytes.firstIndex(of: UInt8(ascii: "\n"), from: 0), newline < maximum else {
            guard bytes.count < maximum else {
                throw WireFault(.limitExceeded, "a line before the key exchange is too long", direction, at: maximum)
            }
            return .needMore(atLeast: bytes.count + 1)
        }
        // §4.2 wants CR LF; some old peers end the line with LF alone.
        let end = newline > 0 && bytes[newline - 1] == UInt8(ascii: "\r") ? newline - 1 : newline
        guard isIdentification else { return try line(0..<end, length: newline + 1, direction) }
        let identification = try SSHIdentification(bytes, 0..<end, direction)
        let version = try identification.version(in: bytes, direction)
        self[direction].version = version
        self[direction].phase = .packets
        if version == .one { makeOpaque(direction, .unsupported) }
        return .message(.identification(identification), length: newline + 1)
    }

    private mutating func line(
        _ range: Range<Int>, length: Int, _ direction: Direction
    ) throws(WireFault) -> Step<SSHMessage> {
        self[direction].lineBytes += length
        guard self[direction].lineBytes <= limits.loginBytes else {
            throw WireFault(.limitExceeded, "too many lines before the identification", direction)
        }
        return .message(.line(range), length: length)
    }
}

// MARK: Packets (§6)

extension SSHDecoder {
    /// §6.1 asks for 35,000 bytes; OpenSSH takes so many.
    private static let packetMaximum: UInt32 = 256 << 10

    private mutating func packet(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<SSHMessage> {
        let other = self[direction.opposite]
        if self[direction].version == .both {
            // A server that speaks both versions goes on as the client's identification tells it (§5.1).
            guard other.version != nil || other.phase == .opaque else { return .awaitOther }
            if other.version == .one {
                makeOpaque(direction, .unsupported)
                return .opaque(.unsupported)
            }
        }
        guard let length = bytes.uint32BE(at: 0) else { return .needMore(atLeast: 4) }
        // With its length a packet fills blocks of 8 bytes, and at least two of them.
        guard length >= 12, length % 8 == 4 else {
            throw WireFault(.malformed, "a packet's length is none", direction)
        }
        guard length <= Self.packetMaximum else {
            throw WireFault(.limitExceeded, "a packet is longer than 256 KiB", direction)
        }
        let total = 4 + Int(length)
        guard bytes.count >= total else { return .needMore(atLeast: total) }
        let padding = Int(bytes[4])
        guard padding >= 4, 5 + padding < total else {
            throw WireFault(.malformed, "a packet's padding does not fit", direction, at: 4)
        }
        return .message(try message(bytes, 5..<total - padding, direction), length: total)
    }

    private mutating func message(
        _ bytes: Span<UInt8>, _ payload: Range<Int>, _ direction: Direction
    ) throws(WireFault) -> SSHMessage {
        var reader = SSHReader(payload, direction)
        let number = try reader.byte(in: bytes)
        switch number {
        case SSHMessageNumber.keyExchangeInit:
            guard !self[direction].hasSentInit else {
                throw WireFault(.unexpectedMessage, "a second KEXINIT before NEWKEYS", direction)
            }
            self[direction].hasSentInit = true
            return .keyExchangeInit(try SSHKeyExchangeInit(&reader, in: bytes))
        case SSHMessageNumber.keyExchange:
            guard self[direction].hasSentInit else { break }
            return .keyExchange(number: number, payload: payload.lowerBound + 1..<payload.upperBound)
        case SSHMessageNumber.newKeys:
            guard self[direction].hasSentInit else { break }
            makeOpaque(direction, .encrypted)
            return .newKeys
        case SSHMessageNumber.disconnect:
            return .disconnect(
                SSHDisconnect(reason: try reader.uint32(in: bytes), description: try reader.string(in: bytes)))
        case SSHMessageNumber.ignore: return .ignore
        case SSHMessageNumber.unimplemented: return .unimplemented(sequenceNumber: try reader.uint32(in: bytes))
        case SSHMessageNumber.debug:
            _ = try reader.byte(in: bytes)
            return .debug(message: try reader.string(in: bytes))
        default: break
        }
        throw WireFault(.unexpectedMessage, "a message that has no place before NEWKEYS", direction, at: 5)
    }
}
