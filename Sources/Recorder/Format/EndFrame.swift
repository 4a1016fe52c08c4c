public import Protocols

/// The END frame: what the gateway signs when it closes a recording. The file ends with it.
public struct EndFrame: Sendable, Hashable {
    public static let byteCount = 328
    /// Bytes from the frame's start that the signature covers, after the context.
    static let signedCount = 256
    /// Keeps a signature for a recording from ever being valid for anything else that the same key signs.
    static let context = Array("wiretrail/recording/end/1".utf8) + [0]

    public enum Cause: UInt8, Sendable {
        /// The connection ended and the gateway saw it.
        case closed = 1
        /// The gateway was interrupted; what its journal held was sealed at the next start.
        case interrupted = 2
    }

    public var recording: RecordingID
    public var leaves: UInt64
    public var root: TreeHash
    /// SHA-256 of the INDEX frame.
    public var indexHash: TreeHash
    /// Where the INDEX frame begins: the stored size of all segments.
    public var indexOffset: UInt64
    public var records: UInt64
    public var rawCount: UInt64
    /// The length of both streams.
    public var offsets: StreamOffsets
    public var sessionNumber: UInt64
    /// Nanoseconds since 1970 of the first and the last record.
    public var firstWallNanoseconds: Int64
    public var lastWallNanoseconds: Int64
    public var cause: Cause
    /// SHA-256 of the gateway's public key.
    public var signerID: [UInt8]
    public var signature: [UInt8]
}

extension EndFrame {
    /// The frame with a fresh signature.
    public func encoded<Sum: Checksum>(signer: some Signer, checksum: Sum.Type) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(Self.byteCount)
        FrameHead.write(.end, frameByteCount: Self.byteCount, recording: recording, number: leaves, into: &frame)
        frame.append(contentsOf: root)
        frame.append(contentsOf: indexHash)
        frame.appendLE(indexOffset)
        frame.appendLE(records)
        frame.appendLE(rawCount)
        frame.appendLE(offsets.clientToServer)
        frame.appendLE(offsets.serverToClient)
        frame.appendLE(sessionNumber)
        frame.appendLE(firstWallNanoseconds)
        frame.appendLE(lastWallNanoseconds)
        frame.append(cause.rawValue)
        frame.append(contentsOf: repeatElement(0, count: Self.reservedCount))
        frame.append(contentsOf: signerID)
        precondition(frame.count == Self.signedCount, "an END frame of the wrong length")
        let message = Self.context + frame
        frame.append(contentsOf: signer.sign(message.span))
        frame.appendLE(UInt32(Self.byteCount))
        FrameHead.close(&frame, from: 0, checksum)
        return frame
    }

    /// The transparency log's name and entry will stand here; zero until then.
    static let reservedCount = 55

    /// Reads the frame and checks its checksum; `frame` is the frame and nothing else. See ``isSigned(_:by:)``.
    public init<Sum: Checksum>(_ frame: Span<UInt8>, checksum: Sum.Type) throws(FormatFault) {
        let head = try FrameHead.parse(frame)
        guard head.kind == .end, head.frameByteCount == Self.byteCount, frame.count == Self.byteCount else {
            throw FormatFault(.malformed, "no END frame where one must be")
        }
        guard FrameHead.isIntact(frame, checksum) else {
            throw FormatFault(.mismatch, "the END does not fit its checksum", at: Self.byteCount - 4)
        }
        func wide(_ offset: Int) -> UInt64 { frame.uint64LE(at: offset) ?? 0 }
        func bytes(_ range: Range<Int>) -> [UInt8] { [UInt8](copying: frame.extracting(range)) }
        guard let cause = Cause(rawValue: frame[168]) else {
            throw FormatFault(.newerVersion, "the END has an unknown cause", at: 168)
        }
        for index in 169..<224 where frame[index] != 0 {
            throw FormatFault(.newerVersion, "the END uses a reserved field", at: index)
        }
        guard frame.uint32LE(at: 320) == UInt32(Self.byteCount) else {
            throw FormatFault(.malformed, "the END contradicts its own length", at: 320)
        }
        recording = head.recording
        leaves = head.number
        root = bytes(40..<72)
        indexHash = bytes(72..<104)
        indexOffset = wide(104)
        records = wide(112)
        rawCount = wide(120)
        offsets = StreamOffsets(clientToServer: wide(128), serverToClient: wide(136))
        sessionNumber = wide(144)
        firstWallNanoseconds = Int64(bitPattern: wide(152))
        lastWallNanoseconds = Int64(bitPattern: wide(160))
        self.cause = cause
        signerID = bytes(224..<256)
        signature = bytes(256..<320)
    }

    /// Whether `frame`, from which an END was read, carries a signature by this key.
    public static func isSigned(_ frame: Span<UInt8>, by key: some SignatureVerifier) -> Bool {
        guard frame.count == byteCount else { return false }
        var message = context
        message.append(frame.extracting(0..<signedCount))
        return key.isValid(frame.extracting(signedCount..<signedCount + 64), of: message.span)
    }
}
