import Protocols
import Replayer

/// Capture files, made up byte by byte: every format and link layer that there is to read.
public struct CaptureWriter: Sendable {
    public enum Format: Sendable, Hashable, CaseIterable {
        case pcapLittle, pcapBig, pcapNanoseconds, pcapngLittle, pcapngBig
    }

    public enum Link: UInt16, Sendable, Hashable, CaseIterable {
        case null = 0, ethernet = 1, raw = 101, loop = 108, linuxCooked = 113, linuxCooked2 = 276

        /// The header before an IPv4 packet.
        func header(isVLAN: Bool) -> [UInt8] {
            switch self {
            case .null: [2, 0, 0, 0]
            case .loop: [0, 0, 0, 2]
            case .raw: []
            case .ethernet:
                [UInt8](repeating: 2, count: 12) + (isVLAN ? [0x88, 0xa8, 0, 1, 0x81, 0, 0, 2] : []) + [8, 0]
            case .linuxCooked: [UInt8](repeating: 0, count: 14) + [8, 0]
            case .linuxCooked2: [8, 0] + [UInt8](repeating: 0, count: 18)
            }
        }
    }

    private let format: Format
    private let link: Link
    private let isVLAN: Bool
    public private(set) var bytes: [UInt8] = []
    private var time: UInt64 = 1_795_233_600_000_000_000

    public init(_ format: Format = .pcapLittle, _ link: Link = .ethernet, isVLAN: Bool = false) {
        self.format = format
        self.link = link
        self.isVLAN = isVLAN
        begin()
    }

    /// The packets of a connection from 10.0.0.1 to 10.0.0.2, port 5432.
    public mutating func append(_ packets: [TCPScript.Packet], clientPort: UInt16 = 50_000) {
        for packet in packets { append(frame: link.header(isVLAN: isVLAN) + Self.ip(packet, clientPort)) }
    }

    /// Nothing is captured for so long.
    public mutating func pause(seconds: UInt64) { time += seconds * 1_000_000_000 }

    public mutating func append(frame: [UInt8]) {
        time += 1_000_000
        switch format {
        case .pcapLittle, .pcapBig, .pcapNanoseconds:
            let fraction = time % 1_000_000_000
            number32(UInt32(time / 1_000_000_000))
            number32(UInt32(format == .pcapNanoseconds ? fraction : fraction / 1000))
            number32(UInt32(frame.count))
            number32(UInt32(frame.count))
            bytes += frame
        case .pcapngLittle, .pcapngBig: enhancedPacket(frame, interface: 0)
        }
    }

    /// Another interface of the section, of another link type and clock, and a packet of it.
    public mutating func appendSecondInterface(_ link: Link, _ packets: [TCPScript.Packet]) {
        block(1) { writer in
            writer.number16(link.rawValue)
            writer.number16(0)
            writer.number32(1000)
            // if_tsresol: nanoseconds.
            writer.number16(9)
            writer.number16(1)
            writer.bytes += [9, 0, 0, 0]
        }
        for packet in packets {
            time += 1_000_000
            enhancedPacket(link.header(isVLAN: false) + Self.ip(packet), interface: 1, unit: 1)
        }
    }

    /// IPv4 and TCP; checksums are 0.
    private static func ip(_ packet: TCPScript.Packet, _ clientPort: UInt16 = 50_000) -> [UInt8] {
        let tcp = tcp(packet, clientPort)
        var ip: [UInt8] = [0x45, 0]
        ip.appendBE(UInt16(20 + tcp.count))
        ip += [0, 0, 0, 0, 64, 6, 0, 0]
        ip += packet.sender == .lower ? [10, 0, 0, 1, 10, 0, 0, 2] : [10, 0, 0, 2, 10, 0, 0, 1]
        return ip + tcp
    }

    static func tcp(_ packet: TCPScript.Packet, _ clientPort: UInt16 = 50_000) -> [UInt8] {
        var tcp: [UInt8] = []
        let ports: [UInt16] = packet.sender == .lower ? [clientPort, 5432] : [5432, clientPort]
        ports.forEach { tcp.appendBE($0) }
        tcp.appendBE(packet.sequence)
        tcp.appendBE(packet.acknowledgment)
        return tcp + [0x50, packet.flags.rawValue, 0xff, 0xff, 0, 0, 0, 0] + packet.payload
    }
}

// MARK: - Formats

extension CaptureWriter {
    private mutating func begin() {
        switch format {
        case .pcapLittle, .pcapBig, .pcapNanoseconds:
            number32(format == .pcapNanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4)
            number16(2)
            number16(4)
            number32(0)
            number32(0)
            number32(262_144)
            number32(UInt32(link.rawValue))
        case .pcapngLittle, .pcapngBig:
            block(0x0a0d_0d0a) { writer in
                writer.number32(0x1a2b_3c4d)
                writer.number16(1)
                writer.number16(0)
                writer.number32(.max)
                writer.number32(.max)
            }
            block(1) { writer in
                writer.number16(writer.link.rawValue)
                writer.number16(0)
                writer.number32(0)
            }
        }
    }

    private mutating func enhancedPacket(_ frame: [UInt8], interface: UInt32, unit: UInt64 = 1000) {
        let units = time / unit
        block(6) { writer in
            writer.number32(interface)
            writer.number32(UInt32(units >> 32))
            writer.number32(UInt32(truncatingIfNeeded: units))
            writer.number32(UInt32(frame.count))
            writer.number32(UInt32(frame.count))
            writer.bytes += frame + [UInt8](repeating: 0, count: (4 - frame.count % 4) % 4)
        }
    }

    private mutating func block(_ type: UInt32, _ body: (inout CaptureWriter) -> Void) {
        let start = bytes.count
        number32(type)
        number32(0)
        body(&self)
        let length = UInt32(bytes.count - start + 4)
        number32(length)
        bytes.replaceSubrange(start + 4..<start + 8, with: bytes[(bytes.count - 4)...])
    }

    private var isLittle: Bool { format != .pcapBig && format != .pcapngBig }

    private mutating func number32(_ value: UInt32) { bytes.appendBE(isLittle ? value.byteSwapped : value) }

    private mutating func number16(_ value: UInt16) { bytes.appendBE(isLittle ? value.byteSwapped : value) }
}
