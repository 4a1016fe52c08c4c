import Protocols

/// What an IP header tells, behind whatever extension headers it has.
struct IPPacket: Sendable, Equatable {
    var source: IPAddress
    var destination: IPAddress
    /// TCP is 6.
    var protocolNumber: UInt8
    /// What was captured of the payload; counts from the start of the IP header.
    var payload: Range<Int>
    /// Set where this is one of several pieces of a packet.
    var fragment: IPFragment?

    /// `nil` where the bytes are no IP packet, or the capture cuts its headers off.
    @inline(__always)
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count > 0 else { return nil }
        switch bytes[0] >> 4 {
        case 4: self.init(ipv4: bytes)
        case 6: self.init(ipv6: bytes)
        default: return nil
        }
    }

    /// RFC 791 §3.1.
    @inline(__always)
    private init?(ipv4 bytes: Span<UInt8>) {
        let headerCount = Int(bytes[0] & 15) * 4
        guard headerCount >= 20, bytes.count >= headerCount, let total = bytes.uint16BE(at: 2),
            let identification = bytes.uint16BE(at: 4), let place = bytes.uint16BE(at: 6),
            let source = bytes.uint32BE(at: 12),
            let destination = bytes.uint32BE(at: 16)
        else { return nil }
        // Segmentation offload leaves 0 where the packet is longer than the field can say.
        let end = total == 0 ? bytes.count : min(Int(total), bytes.count)
        guard end >= headerCount else { return nil }
        self.source = IPAddress(ipv4: source)
        self.destination = IPAddress(ipv4: destination)
        protocolNumber = bytes[9]
        payload = headerCount..<end
        // The flag and the offset, in units of 8 bytes.
        guard place & 0x3fff != 0 else { return }
        fragment = IPFragment(
            isVersion6: false, identification: UInt32(identification), offset: Int(place & 0x1fff) * 8,
            isLast: place & 0x2000 == 0, isCut: Int(total) > bytes.count)
    }

    /// RFC 8200 §3.
    @inline(never)
    private init?(ipv6 bytes: Span<UInt8>) {
        guard bytes.count >= 40, let length = bytes.uint16BE(at: 4), let sourceHigh = bytes.uint64BE(at: 8),
            let sourceLow = bytes.uint64BE(at: 16), let destinationHigh = bytes.uint64BE(at: 24),
            let destinationLow = bytes.uint64BE(at: 32)
        else { return nil }
        // A jumbogram (RFC 2675 §3) leaves 0, and so does segmentation offload.
        let end = length == 0 ? bytes.count : min(40 + Int(length), bytes.count)
        source = IPAddress(high: sourceHigh, low: sourceLow)
        destination = IPAddress(high: destinationHigh, low: destinationLow)
        protocolNumber = bytes[6]
        payload = 40..<end
        guard skipExtensions(bytes, end: end, isCut: 40 + Int(length) > bytes.count) else { return nil }
    }

    /// The packet whose fragments have this payload; extension headers may stand before what it carries.
    func assembled(_ bytes: Span<UInt8>) -> IPPacket? {
        var whole = self
        whole.fragment = nil
        whole.payload = 0..<bytes.count
        guard whole.skipExtensions(bytes, end: bytes.count, isCut: false), whole.fragment == nil else { return nil }
        return whole
    }

    /// What a fragment carries may be, or lead to, so much as TCP.
    func mayCarry(_ number: UInt8) -> Bool { protocolNumber == number || Extension(rawValue: protocolNumber) != nil }

    /// Extension headers (RFC 8200 §4.1, RFC 4302 for authentication) name the next one first. False where one is cut off.
    private mutating func skipExtensions(_ bytes: Span<UInt8>, end: Int, isCut: Bool) -> Bool {
        var start = payload.lowerBound
        while let kind = Extension(rawValue: protocolNumber) {
            guard end - start >= 8 else { return false }
            let count =
                switch kind {
                case .fragment: 8
                case .authentication: (Int(bytes[start + 1]) + 2) * 4
                case .hopByHop, .routing, .destination, .mobility, .hostIdentity, .shim6:
                    (Int(bytes[start + 1]) + 1) * 8
                }
            // The atomic fragments of RFC 6946 are whole packets.
            if kind == .fragment, let place = bytes.uint16BE(at: start + 2), place & 0xfff9 != 0 {
                fragment = IPFragment(
                    isVersion6: true, identification: bytes.uint32BE(at: start + 4) ?? 0, offset: Int(place & 0xfff8),
                    isLast: place & 1 == 0, isCut: isCut)
            }
            protocolNumber = bytes[start]
            start += count
            guard start <= end else { return false }
            if fragment != nil { break }
        }
        payload = start..<end
        return true
    }

    private enum Extension: UInt8 {
        case hopByHop = 0
        case routing = 43
        case fragment = 44
        case authentication = 51
        case destination = 60
        case mobility = 135
        case hostIdentity = 139
        case shim6 = 140
    }
}

/// Which piece of which packet a fragment is (RFC 791 §3.1, RFC 8200 §4.5).
struct IPFragment: Sendable, Equatable {
    /// Bytes that the fragments of a packet may come to.
    static let packetMaximum = 65_535

    var isVersion6: Bool
    var identification: UInt32
    /// Of its first byte in the packet's payload.
    var offset: Int
    var isLast: Bool
    /// The capture has not all of it.
    var isCut: Bool
}
