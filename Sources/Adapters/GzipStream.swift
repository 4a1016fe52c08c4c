import CZlib
import Protocols

/// Decompresses a stream of gzip members (RFC 1952 §2.2), or one of the formats that are in them, piece by piece. Owns zlib's
/// state and frees it.
@safe
public final class GzipStream {
    public enum Fault: Error, Sendable, Equatable {
        case damaged
    }

    /// What a step came to.
    public struct Progress: Sendable, Equatable {
        /// Bytes of the input that are done with.
        public var consumed: Int
        /// The last member has ended; more may follow.
        public var isBetweenMembers: Bool
    }

    /// What is around the deflated data. The numbers are windows of 32 KiB with the header expected (zlib.h, inflateInit2).
    public enum Format: Int32, Sendable {
        case gzip = 31
        /// RFC 1950.
        case zlib = 15
        /// Nothing (RFC 1951).
        case raw = -15
    }

    private var stream = unsafe z_stream()
    private var isBetweenMembers = true

    public init(_ format: Format = .gzip) {
        let code = unsafe wiretrail_inflate_init(&stream, format.rawValue)
        precondition(code == Z_OK, "zlib has no memory, or is of another version")
    }

    deinit { unsafe inflateEnd(&stream) }

    /// Whether bytes begin like a gzip member.
    public static func begins(_ bytes: Span<UInt8>) -> Bool {
        bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
    }

    /// Appends at most `limit` decompressed bytes. To be called again with what was not consumed, and what follows it.
    public func decompress(
        _ input: Span<UInt8>, limit: Int, appendingTo output: inout [UInt8]
    ) throws(Fault) -> Progress {
        var consumed = 0
        var code = Z_OK
        output.append(addingCapacity: limit) { target in
            unsafe target.withUnsafeMutableBufferPointer { room, filled in
                unsafe input.withUnsafeBufferPointer { source in
                    while consumed < source.count, filled < room.count, code == Z_OK {
                        // SAFETY: zlib reads and writes no more than the counts beside the pointers, which both
                        // outlive the call; it never writes to its input.
                        unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress! + consumed)
                        unsafe stream.avail_in = UInt32(clamping: source.count - consumed)
                        unsafe stream.next_out = room.baseAddress! + filled
                        unsafe stream.avail_out = UInt32(clamping: room.count - filled)
                        let (given, free) = unsafe (stream.avail_in, stream.avail_out)
                        code = unsafe inflate(&stream, Z_NO_FLUSH)
                        consumed += unsafe Int(given - stream.avail_in)
                        filled += unsafe Int(free - stream.avail_out)
                        isBetweenMembers = code == Z_STREAM_END
                        if code == Z_STREAM_END { code = unsafe inflateReset(&stream) }
                    }
                }
            }
        }
        guard code == Z_OK || code == Z_BUF_ERROR else { throw .damaged }
        return Progress(consumed: consumed, isBetweenMembers: isBetweenMembers)
    }
}
