import Protocols

/// A link-layer header type, by its number in the registry that pcap and pcapng share
/// (https://www.tcpdump.org/linktypes.html).
public struct LinkType: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    static let null = LinkType(rawValue: 0)
    static let ethernet = LinkType(rawValue: 1)
    static let raw = LinkType(rawValue: 101)
    static let loop = LinkType(rawValue: 108)
    static let linuxCooked = LinkType(rawValue: 113)
    static let ipv4 = LinkType(rawValue: 228)
    static let ipv6 = LinkType(rawValue: 229)
    static let linuxCooked2 = LinkType(rawValue: 276)
    /// What files hold that were written with the number of the system's own raw type (12 on Linux, 14 on OpenBSD).
    private static let rawNumbers: Set<UInt16> = [12, 14]

    /// Where the IP header begins in a frame; `nil` where there is none. Its version stands in its first four bits.
    @inline(__always)
    func packetStart(_ frame: Span<UInt8>) -> Int? {
        switch self {
        case .ethernet: Self.behindEtherType(frame, at: 12)
        case .null: Self.isFamilyOfIP(frame.uint32LE(at: 0)) || Self.isFamilyOfIP(frame.uint32BE(at: 0)) ? 4 : nil
        case .loop: Self.isFamilyOfIP(frame.uint32BE(at: 0)) ? 4 : nil
        case .linuxCooked: Self.behindEtherType(frame, at: 14)
        case .linuxCooked2: Self.isIP(frame.uint16BE(at: 0)) ? 20 : Self.behindTags(frame, 0, at: 20)
        case .raw, .ipv4, .ipv6: 0
        default: Self.rawNumbers.contains(rawValue) ? 0 : nil
        }
    }

    private static func behindEtherType(_ frame: Span<UInt8>, at index: Int) -> Int? {
        isIP(frame.uint16BE(at: index)) ? index + 2 : behindTags(frame, index, at: index + 2)
    }

    /// VLAN tags (IEEE 802.1Q §9.5, 802.1ad, and the number that was in use before it): two bytes of tag, and the next
    /// type. A frame with more than four of them is none of anybody's making.
    private static func behindTags(_ frame: Span<UInt8>, _ type: Int, at start: Int) -> Int? {
        var index = start
        var tag = frame.uint16BE(at: type)
        for _ in 0..<4 {
            guard let present = tag, [0x8100, 0x88a8, 0x9100].contains(present) else { return nil }
            tag = frame.uint16BE(at: index + 2)
            index += 4
            if isIP(tag) { return index }
        }
        return nil
    }

    private static func isIP(_ etherType: UInt16?) -> Bool { etherType == 0x0800 || etherType == 0x86dd }

    /// AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24, 28 or 30 on the BSDs and macOS.
    private static func isFamilyOfIP(_ family: UInt32?) -> Bool {
        switch family {
        case 2, 10, 24, 28, 30: true
        default: false
        }
    }
}
