import Protocols

/// A TCP connection (RFC 9293) as it may have carried a recording's two streams: the headers of its packets.
///
/// Nothing is lost, late or out of order; both peers acknowledge at once. What the recording lacks is skipped in the
/// sequence numbers, as if it had not been captured.
struct SyntheticTCP: Sendable {
    /// So many bytes go into one packet: with its headers it fits into the 65,535 bytes of an IP packet.
    static let segmentMaximum = 32_768
    /// A jump of the sequence number beyond this would look like one backwards (RFC 9293 §3.4).
    static let skipMaximum: UInt64 = 1 << 30

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        static let fin = Flags(rawValue: 0x01)
        static let syn = Flags(rawValue: 0x02)
        static let push = Flags(rawValue: 0x08)
        static let ack = Flags(rawValue: 0x10)
    }

    private struct Peer: Sendable {
        var address: InternetAddress
        var sequence: UInt32 = 0
        /// What the other peer has sent and this one has not acknowledged yet.
        var unacknowledged = 0
        var packets: UInt16 = 0
    }

    private var client: Peer
    private var server: Peer

    init(client: InternetAddress, server: InternetAddress) {
        let isMixed = client.isIPv4 != server.isIPv4
        self.client = Peer(address: isMixed ? client.mapped : client)
        self.server = Peer(address: isMixed ? server.mapped : server)
    }

    /// The headers of a packet with these flags and this payload.
    mutating func header(_ direction: Direction, _ flags: Flags, _ payload: Span<UInt8>) -> [UInt8] {
        var sender = self[direction]
        let receiver = self[direction.opposite]
        let segment = tcp(sender, receiver, flags, payload)
        let header =
            sender.address.isIPv4
            ? ipv4(sender, receiver, segment, payload.count) : ipv6(sender, receiver, segment, payload.count)
        sender.packets &+= 1
        sender.unacknowledged = 0
        sender.sequence &+= UInt32(payload.count)
        if !flags.isDisjoint(with: [.syn, .fin]) { sender.sequence &+= 1 }
        self[direction] = sender
        self[direction.opposite].unacknowledged += payload.count
        return header
    }

    /// Bytes of this direction that its receiver has not acknowledged.
    func unacknowledged(_ direction: Direction) -> Int { self[direction.opposite].unacknowledged }

    /// The next packet begins after a hole.
    mutating func skip(_ length: UInt64, _ direction: Direction) {
        self[direction].sequence &+= UInt32(min(length, Self.skipMaximum))
    }

    /// Who sends in this direction.
    private subscript(_ direction: Direction) -> Peer {
        get { direction == .clientToServer ? client : server }
        set { if direction == .clientToServer { client = newValue } else { server = newValue } }
    }
}

// MARK: - Headers

extension SyntheticTCP {
    private static let protocolNumber: UInt8 = 6
    /// Windows count in units of 128 bytes: 8 MiB.
    private static let windowScale: UInt8 = 7
    private static let hopLimit: UInt8 = 64

    /// RFC 9293 §3.1; the checksum covers a pseudo header, the header and the payload.
    private func tcp(_ sender: Peer, _ receiver: Peer, _ flags: Flags, _ payload: Span<UInt8>) -> [UInt8] {
        // Maximum segment size (RFC 9293 §3.7.1), no-operation, window scale (RFC 7323 §2).
        let size = UInt16(Self.segmentMaximum)
        let options: [UInt8] =
            flags.contains(.syn)
            ? [2, 4, UInt8(size >> 8), UInt8(truncatingIfNeeded: size), 1, 3, 3, Self.windowScale] : []
        var header: [UInt8] = []
        header.appendBE(sender.address.port)
        header.appendBE(receiver.address.port)
        header.appendBE(sender.sequence)
        header.appendBE(flags.contains(.ack) ? receiver.sequence : 0)
        header.append(UInt8((20 + options.count) / 4) << 4)
        header.append(flags.rawValue)
        header.appendBE(UInt16.max)
        header.appendBE(UInt16(0))
        header.appendBE(UInt16(0))
        header += options
        var pseudo = sender.address.host + receiver.address.host
        pseudo.appendBE(UInt32(header.count + payload.count))
        pseudo += [0, 0, 0, Self.protocolNumber]
        var checksum = InternetChecksum()
        checksum.add(pseudo)
        checksum.add(header)
        checksum.add(payload)
        Self.put(checksum.value, into: &header, at: 16)
        return header
    }

    /// RFC 791 §3.1: no options, not to be fragmented.
    private func ipv4(_ sender: Peer, _ receiver: Peer, _ segment: [UInt8], _ payloadCount: Int) -> [UInt8] {
        var header: [UInt8] = [0x45, 0]
        header.appendBE(UInt16(20 + segment.count + payloadCount))
        header.appendBE(sender.packets)
        header.appendBE(UInt16(0x4000))
        header += [Self.hopLimit, Self.protocolNumber, 0, 0]
        header += sender.address.host + receiver.address.host
        var checksum = InternetChecksum()
        checksum.add(header)
        Self.put(checksum.value, into: &header, at: 10)
        return header + segment
    }

    /// RFC 8200 §3.
    private func ipv6(_ sender: Peer, _ receiver: Peer, _ segment: [UInt8], _ payloadCount: Int) -> [UInt8] {
        var header: [UInt8] = [0x60, 0, 0, 0]
        header.appendBE(UInt16(segment.count + payloadCount))
        header += [Self.protocolNumber, Self.hopLimit]
        return header + sender.address.host + receiver.address.host + segment
    }

    private static func put(_ value: UInt16, into header: inout [UInt8], at index: Int) {
        header[index] = UInt8(value >> 8)
        header[index + 1] = UInt8(truncatingIfNeeded: value)
    }
}
