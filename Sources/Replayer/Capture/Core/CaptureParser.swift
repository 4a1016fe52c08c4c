/// A packet as a capture file holds it. Ranges count from the start of the bytes that were parsed.
public struct CapturedPacket: Sendable, Hashable {
    public var link: LinkType
    /// Nanoseconds since 1970.
    public var wallNanoseconds: Int64
    /// What was captured, from the link layer's header on.
    public var content: Range<Int>
    /// What crossed the wire: more than ``content`` where the capture was limited to a snapshot length.
    public var originalCount: Int
}

/// What stands at the first unconsumed byte of a capture file.
public enum CaptureStep: Sendable, Equatable {
    case packet(CapturedPacket, length: Int)
    /// A header, or a block that tells of no packet.
    case other(length: Int)
    case needMore(atLeast: Int)
}

/// Why a capture file cannot be read on.
public struct CaptureFault: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The file is of another kind.
        case notCapture
        case malformed
        case limitExceeded
        /// The file ends within a packet or block.
        case truncated
    }

    public var code: Code
    /// Bytes from the start of the file (of what it unpacks to, where it is compressed).
    public var offset: UInt64
    public var reason: StaticString

    init(_ code: Code, _ reason: StaticString, at offset: Int = 0) {
        self.code = code
        self.offset = UInt64(max(0, offset))
        self.reason = reason
    }

    func rebased(by base: UInt64) -> CaptureFault {
        var fault = self
        fault.offset &+= base
        return fault
    }

    public var description: String { "\(reason) (byte \(offset))" }

    public static func == (left: CaptureFault, right: CaptureFault) -> Bool {
        left.code == right.code && left.offset == right.offset
            && left.reason.description == right.reason.description
    }
}

/// Reads capture files of either kind, from their first byte on. Owns no bytes; the file may come in pieces of any size.
///
/// libpcap reads both kinds, too, but takes no pcapng file whose interfaces differ in link type or snapshot length
/// (sf-pcapng.c, `add_interface`), which `dumpcap -i a -i b` writes. So it is the oracle of our tests instead.
public struct CaptureParser: Sendable {
    private enum Kind: Sendable {
        case unknown
        case pcap(PcapFile)
        case pcapng(PcapngSection)
    }

    /// A packet or block longer than this is a fault: 16 MiB, libpcap's own bound on blocks.
    static let lengthMaximum = 16 << 20

    private var kind = Kind.unknown

    public init() {}

    @inline(__always)
    public mutating func step(_ bytes: Span<UInt8>) throws(CaptureFault) -> CaptureStep {
        switch kind {
        case .pcap(let file): return try file.step(bytes)
        case .pcapng(var section):
            kind = .unknown
            let step = try section.step(bytes)
            kind = .pcapng(section)
            return step
        case .unknown: return try begin(bytes)
        }
    }

    @inline(never)
    private mutating func begin(_ bytes: Span<UInt8>) throws(CaptureFault) -> CaptureStep {
        guard bytes.count >= 4 else { return .needMore(atLeast: 4) }
        if PcapngSection.begins(bytes) {
            kind = .pcapng(PcapngSection())
            return try step(bytes)
        }
        guard bytes.count >= PcapFile.headerByteCount else {
            guard PcapFile.begins(bytes) else { throw Self.notCapture }
            return .needMore(atLeast: PcapFile.headerByteCount)
        }
        kind = .pcap(try PcapFile(header: bytes))
        return .other(length: PcapFile.headerByteCount)
    }

    static let notCapture = CaptureFault(.notCapture, "is no capture: it begins neither as pcap nor as pcapng")
}
