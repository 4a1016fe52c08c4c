import CBrotli
import CZstd
import Protocols

/// Undoes content codings, for display and for rules; what a peer has made large stays within the limit.
enum ContentDecoding {
    static func decode(_ content: Span<UInt8>, _ coding: ContentCoding, limit: Int) -> DecodedContent {
        guard content.count > 0, limit > 0 else { return DecodedContent([], content.count > 0 ? .cut : .whole) }
        return switch coding {
        case .gzip: inflate(content, .gzip, limit)
        case .deflate: inflate(content, isZlib(content) ? .zlib : .raw, limit)
        case .brotli: brotli(content, limit)
        case .zstd: zstd(content, limit)
        }
    }

    /// "deflate" is the zlib format (RFC 9110 §8.4.1.2), which some leave out: by its two bytes of header (RFC 1950 §2.2).
    private static func isZlib(_ content: Span<UInt8>) -> Bool {
        guard let header = content.uint16BE(at: 0) else { return false }
        return header >> 8 & 0x0f == 8 && header % 31 == 0
    }

    private static func inflate(_ content: Span<UInt8>, _ format: GzipStream.Format, _ limit: Int) -> DecodedContent {
        var output: [UInt8] = []
        do throws(GzipStream.Fault) {
            let progress = try GzipStream(format).decompress(content, limit: limit, appendingTo: &output)
            if progress.isBetweenMembers, progress.consumed == content.count { return DecodedContent(output, .whole) }
            return DecodedContent(output, output.count == limit ? .cut : .truncated)
        } catch { return DecodedContent(output, .damaged) }
    }

    private static func brotli(_ content: Span<UInt8>, _ limit: Int) -> DecodedContent {
        guard let state = unsafe BrotliDecoderCreateInstance(nil, nil, nil) else { return DecodedContent([], .damaged) }
        defer { unsafe BrotliDecoderDestroyInstance(state) }
        return unsafe fill(content, limit) { source, room in
            var (input, left) = (source.baseAddress, source.count)
            var (output, free) = (room.baseAddress, room.count)
            // SAFETY: the decoder reads and writes no more than the counts beside the pointers.
            let result = unsafe BrotliDecoderDecompressStream(state, &left, &input, &free, &output, nil)
            let end: DecodedContent.End =
                switch result {
                case BROTLI_DECODER_RESULT_SUCCESS: left == 0 ? .whole : .damaged
                case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: .cut
                case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT: .truncated
                default: .damaged
                }
            return (room.count - free, end)
        }
    }

    /// RFC 8878 §3.1.1.1.2: decoders may refuse windows above 8 MiB.
    private static let zstdWindowBits: Int32 = 23

    private static func zstd(_ content: Span<UInt8>, _ limit: Int) -> DecodedContent {
        guard let stream = unsafe ZSTD_createDStream() else { return DecodedContent([], .damaged) }
        defer { unsafe ZSTD_freeDStream(stream) }
        _ = unsafe ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, zstdWindowBits)
        return unsafe fill(content, limit) { source, room in
            var input = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            var output = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
            var missing = 0
            repeat {
                let before = unsafe (input.pos, output.pos)
                // SAFETY: the decoder reads and writes between the positions and the sizes of both buffers.
                missing = unsafe ZSTD_decompressStream(stream, &output, &input)
                if ZSTD_isError(missing) != 0 { return unsafe (output.pos, .damaged) }
                if unsafe before == (input.pos, output.pos) { break }
            } while unsafe output.pos < output.size && (missing > 0 || input.pos < input.size)
            let isRead = unsafe input.pos == input.size
            if missing == 0, isRead { return unsafe (output.pos, .whole) }
            return unsafe (output.pos, output.pos == output.size ? .cut : .truncated)
        }
    }

    /// Lets `body` write up to `limit` bytes, and say how many it wrote and where it ended.
    private static func fill(
        _ content: Span<UInt8>, _ limit: Int,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) -> (Int, DecodedContent.End)
    ) -> DecodedContent {
        var output: [UInt8] = []
        var end = DecodedContent.End.damaged
        output.append(addingCapacity: limit) { target in
            unsafe target.withUnsafeMutableBufferPointer { target, count in
                let room = unsafe UnsafeMutableBufferPointer(rebasing: target[0..<limit])
                // SAFETY: `body` has initialized as many bytes as it says, never more than `limit`.
                (count, end) = unsafe content.withUnsafeBufferPointer { unsafe body($0, room) }
            }
        }
        return DecodedContent(output, end)
    }
}
