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

    public mutating func compress(_ input: Span<UInt8>, limit: Int, appendingTo output: inout [UInt8]) -> Int? {
        unsafe transform(input, limit: limit, appendingTo: &output) { source, target in
            // SAFETY: LZ4 reads `srcSize` and writes at most `dstCapacity` bytes.
            unsafe LZ4_compress_fast_extState(
                state, source.baseAddress, target.baseAddress, Int32(source.count), Int32(target.count), 1)
        }
    }

    public mutating func decompress(_ input: Span<UInt8>, limit: Int, appendingTo output: inout [UInt8]) -> Int? {
        unsafe transform(input, limit: limit, appendingTo: &output) { source, target in
            // SAFETY: the "safe" call never reads or writes outside the sizes it is given, whatever the input;
            // it says so with a negative result.
            let count = unsafe LZ4_decompress_safe(
                source.baseAddress, target.baseAddress, Int32(source.count), Int32(target.count))
            return count > 0 ? count : 0
        }
    }

    /// Lets `body` write to the end of `output`; 0 from it stands for failure.
    private func transform(
        _ input: Span<UInt8>, limit: Int, appendingTo output: inout [UInt8],
        _ body: (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<UInt8>) -> Int32
    ) -> Int? {
        var written: Int32 = 0
        output.append(addingCapacity: limit) { target in
            unsafe target.withUnsafeMutableBufferPointer { target, count in
                let room = unsafe UnsafeMutableBufferPointer(rebasing: target[count..<count + limit])
                written = unsafe input.withUnsafeBytes { unsafe body($0, room) }
                // SAFETY: LZ4 has initialized this many bytes, never more than `limit`.
                count += Int(written)
            }
        }
        return written > 0 ? Int(written) : nil
    }
}
