import CLZ4
public import Protocols

/// LZ4 blocks at the fastest level. Owns the compressor's hash table, so that a segment costs no allocation.
@safe
public struct LZ4: BlockCodec, ~Copyable {
    private let state: UnsafeMutableRawPointer

    public init() {
        // SAFETY: LZ4 asks for 8-byte alignment; every call initializes the state itself.
        unsafe state = .allocate(byteCount: Int(LZ4_sizeofState()), alignment: 16)
    }

    deinit { unsafe state.deallocate() }

    public mutating func compress(_ input: Span<UInt8>, into output: inout MutableSpan<UInt8>) -> Int? {
        let room = output.count
        let written = unsafe input.withUnsafeBytes { input in
            unsafe output.withUnsafeMutableBytes { output in
                // SAFETY: LZ4 reads `srcSize` and writes at most `dstCapacity` bytes.
                unsafe LZ4_compress_fast_extState(
                    state, input.baseAddress, output.baseAddress, Int32(input.count), Int32(room), 1)
            }
        }
        return written > 0 ? Int(written) : nil
    }

    public mutating func decompress(_ input: Span<UInt8>, into output: inout MutableSpan<UInt8>) -> Int? {
        let room = output.count
        let written = unsafe input.withUnsafeBytes { input in
            unsafe output.withUnsafeMutableBytes { output in
                // SAFETY: the "safe" call never reads or writes outside the sizes it is given, whatever the input.
                unsafe LZ4_decompress_safe(
                    input.baseAddress, output.baseAddress, Int32(input.count), Int32(room))
            }
        }
        return written >= 0 ? Int(written) : nil
    }
}
