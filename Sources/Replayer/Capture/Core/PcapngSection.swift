import Protocols

/// The block format (draft-ietf-opsawg-pcapng): sections, each of one byte order and with interfaces of its own.
struct PcapngSection: Sendable {
    private enum BlockType {
        static let sectionHeader: UInt32 = 0x0a0d_0d0a
        static let interfaceDescription: UInt32 = 1
        /// Obsolete (appendix A).
        static let packet: UInt32 = 2
        static let simplePacket: UInt32 = 3
        static let enhancedPacket: UInt32 = 6
    }

    private static let byteOrderMagic: UInt32 = 0x1a2b_3c4d
    private static let interfacesMaximum = 65_536
    /// Type, length, and the length again at the end.
    private static let frameByteCount = 12

    private var order = ByteOrder.little
    private var interfaces: [PcapngInterface] = []
    /// Simple packets have no time: they come no earlier than the packet before.
    private var lastWallNanoseconds: Int64 = 0

    /// The type of a section header reads alike in both orders.
    static func begins(_ bytes: Span<UInt8>) -> Bool { bytes.uint32BE(at: 0) == BlockType.sectionHeader }

    mutating func step(_ bytes: Span<UInt8>) throws(CaptureFault) -> CaptureStep {
        guard bytes.count >= Self.frameByteCount else { return .needMore(atLeast: Self.frameByteCount) }
        if Self.begins(bytes) { try beginSection(bytes) }
        guard let type = order.uint32(bytes, at: 0), let total = order.uint32(bytes, at: 4) else {
            return .needMore(atLeast: Self.frameByteCount)
        }
        guard total >= Self.frameByteCount, total % 4 == 0 else {
            throw CaptureFault(.malformed, "a block's length is no multiple of 4, or too short", at: 4)
        }
        guard total <= CaptureParser.lengthMaximum else {
            throw CaptureFault(.limitExceeded, "a block is said to be longer than 16 MiB", at: 4)
        }
        let length = Int(total)
        guard bytes.count >= length else { return .needMore(atLeast: length) }
        guard order.uint32(bytes, at: length - 4) == total else {
            throw CaptureFault(.malformed, "a block's two lengths differ", at: length - 4)
        }
        let body = bytes.extracting(8..<length - 4)
        guard let packet = try block(type, body) else { return .other(length: length) }
        lastWallNanoseconds = packet.wallNanoseconds
        return .packet(packet, length: length)
    }

    private mutating func beginSection(_ bytes: Span<UInt8>) throws(CaptureFault) {
        guard let order = [ByteOrder.little, .big].first(where: { $0.uint32(bytes, at: 8) == Self.byteOrderMagic })
        else { throw CaptureFault(.malformed, "a section's byte-order magic is neither order's", at: 8) }
        self.order = order
        interfaces = []
    }

    private mutating func block(_ type: UInt32, _ body: Span<UInt8>) throws(CaptureFault) -> CapturedPacket? {
        switch type {
        case BlockType.sectionHeader:
            guard order.uint16(body, at: 4) == 1 else {
                throw CaptureFault(.malformed, "is a pcapng file of another major version than 1", at: 12)
            }
            return nil
        case BlockType.interfaceDescription:
            guard interfaces.count < Self.interfacesMaximum else {
                throw CaptureFault(.limitExceeded, "a section has more than 65,536 interfaces")
            }
            interfaces.append(try PcapngInterface(body, order))
            return nil
        case BlockType.enhancedPacket:
            return try timedPacket(body, interface: order.uint32(body, at: 0).map { Int($0) })
        case BlockType.packet: return try timedPacket(body, interface: order.uint16(body, at: 0).map { Int($0) })
        case BlockType.simplePacket: return try simplePacket(body)
        default: return nil
        }
    }

    private func timedPacket(_ body: Span<UInt8>, interface index: Int?) throws(CaptureFault) -> CapturedPacket {
        guard let index, let high = order.uint32(body, at: 4), let low = order.uint32(body, at: 8),
            let captured = order.uint32(body, at: 12), let original = order.uint32(body, at: 16),
            body.count - 20 >= captured
        else { throw CaptureFault(.malformed, "a packet is longer than its block", at: 20) }
        let interface = try interface(index)
        return CapturedPacket(
            link: interface.link, wallNanoseconds: interface.wallNanoseconds(UInt64(high) << 32 | UInt64(low)),
            content: 28..<28 + Int(captured), originalCount: Int(original))
    }

    private func simplePacket(_ body: Span<UInt8>) throws(CaptureFault) -> CapturedPacket {
        guard let original = order.uint32(body, at: 0) else {
            throw CaptureFault(.malformed, "a packet's block is too short", at: 8)
        }
        let interface = try interface(0)
        var captured = min(body.count - 4, Int(original))
        if interface.snapshotLength > 0 { captured = min(captured, interface.snapshotLength) }
        return CapturedPacket(
            link: interface.link, wallNanoseconds: lastWallNanoseconds, content: 12..<12 + captured,
            originalCount: Int(original))
    }

    private func interface(_ index: Int) throws(CaptureFault) -> PcapngInterface {
        guard index < interfaces.count else {
            throw CaptureFault(.malformed, "a packet names an interface that its section does not have", at: 8)
        }
        return interfaces[index]
    }
}
