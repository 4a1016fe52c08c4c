import Protocols

/// Writes the blocks of a pcapng file (draft-ietf-opsawg-pcapng) of one section and one interface of raw IP packets,
/// little-endian, with times in nanoseconds.
struct PcapngWriter: Sendable {
    /// LINKTYPE_RAW: a packet begins with its IPv4 or IPv6 header.
    private static let linkType: UInt16 = 101

    private enum Block: UInt32 {
        case sectionHeader = 0x0a0d_0d0a
        case interfaceDescription = 1
        case enhancedPacket = 6
    }

    private enum Option {
        static let end: UInt16 = 0
        static let comment: UInt16 = 1
        static let sectionApplication: UInt16 = 4
        static let interfaceName: UInt16 = 2
        static let interfaceTimeResolution: UInt16 = 9
    }

    /// Section header and interface. `comment` says which recording this is.
    func begin(application: String, interface: String, comment: String, into output: inout [UInt8]) {
        block(.sectionHeader, into: &output) { output in
            output.appendLE(UInt32(0x1a2b_3c4d))
            output.appendLE(UInt16(1))
            output.appendLE(UInt16(0))
            output.appendLE(UInt64.max)  // the section's length is not told
            option(Option.comment, Array(comment.utf8), into: &output)
            option(Option.sectionApplication, Array(application.utf8), into: &output)
            option(Option.end, [], into: &output)
        }
        block(.interfaceDescription, into: &output) { output in
            output.appendLE(Self.linkType)
            output.appendLE(UInt16(0))
            output.appendLE(UInt32(0))  // no limit on a packet's length
            option(Option.interfaceName, Array(interface.utf8), into: &output)
            option(Option.interfaceTimeResolution, [9], into: &output)
            option(Option.end, [], into: &output)
        }
    }

    /// One packet, whole. `header` and `payload` follow each other.
    func packet(
        _ header: [UInt8], _ payload: Span<UInt8>, atWall nanoseconds: Int64, comments: [String],
        into output: inout [UInt8]
    ) {
        let time = UInt64(bitPattern: nanoseconds)
        let count = UInt32(header.count + payload.count)
        block(.enhancedPacket, into: &output) { output in
            output.appendLE(UInt32(0))
            output.appendLE(UInt32(truncatingIfNeeded: time >> 32))
            output.appendLE(UInt32(truncatingIfNeeded: time))
            output.appendLE(count)
            output.appendLE(count)
            output.append(contentsOf: header)
            output.append(payload)
            pad(Int(count), into: &output)
            guard !comments.isEmpty else { return }
            for comment in comments { option(Option.comment, Array(comment.utf8), into: &output) }
            option(Option.end, [], into: &output)
        }
    }

    /// A block's length stands before and after its body.
    private func block(_ type: Block, into output: inout [UInt8], _ body: (inout [UInt8]) -> Void) {
        let start = output.count
        output.appendLE(type.rawValue)
        output.appendLE(UInt32(0))
        body(&output)
        let length = UInt32(output.count - start + 4)
        output.appendLE(length)
        for index in 0..<4 { output[start + 4 + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index)) }
    }

    /// An option's length is 16 bits; what is longer is cut.
    private func option(_ code: UInt16, _ value: [UInt8], into output: inout [UInt8]) {
        let value = value.prefix(Int(UInt16.max))
        output.appendLE(code)
        output.appendLE(UInt16(value.count))
        output.append(contentsOf: value)
        pad(value.count, into: &output)
    }

    /// Everything is aligned to 32 bits.
    private func pad(_ count: Int, into output: inout [UInt8]) {
        for _ in 0..<(-count & 3) { output.append(0) }
    }
}
