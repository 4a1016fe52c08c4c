import CNGHTTP2
import Protocols

/// nghttp2's own reading and writing of header blocks, as one connection's direction.
@safe
final class HPACKOracle {
    private let inflater: OpaquePointer
    private let deflater: OpaquePointer

    init() {
        var inflater: OpaquePointer?
        var deflater: OpaquePointer?
        precondition(unsafe nghttp2_hd_inflate_new(&inflater) == 0)
        precondition(unsafe nghttp2_hd_deflate_new(&deflater, 4096) == 0)
        unsafe self.inflater = inflater!
        unsafe self.deflater = deflater!
    }

    deinit {
        unsafe nghttp2_hd_inflate_del(inflater)
        unsafe nghttp2_hd_deflate_del(deflater)
    }

    func resizeEncoder(_ capacity: Int) {
        precondition(unsafe nghttp2_hd_deflate_change_table_size(deflater, capacity) == 0)
    }

    /// `nil` when nghttp2 refuses the block.
    func decode(_ block: [UInt8]) -> [HPACKField]? {
        var fields: [HPACKField] = []
        var rest = block[...]
        while true {
            var pair = unsafe nghttp2_nv()
            var flags: CInt = 0
            let bytes = Array(rest)
            // SAFETY: the buffer lives for the call; what `pair` points to lives until the next one.
            let read = unsafe bytes.withUnsafeBufferPointer {
                unsafe nghttp2_hd_inflate_hd2(inflater, &pair, &flags, $0.baseAddress, $0.count, 1)
            }
            guard read >= 0 else { return nil }
            rest = rest.dropFirst(Int(read))
            if flags & CInt(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                unsafe fields.append(
                    HPACKField(
                        Array(UnsafeBufferPointer(start: pair.name, count: pair.namelen)),
                        Array(UnsafeBufferPointer(start: pair.value, count: pair.valuelen)),
                        isNeverIndexed: pair.flags & UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) != 0))
            }
            if flags & CInt(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 { break }
        }
        unsafe nghttp2_hd_inflate_end_headers(inflater)
        return fields
    }

    func encode(_ fields: [HPACKField]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 65536)
        let written = unsafe pairs(fields[...], []) { pairs in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe nghttp2_hd_deflate_hd(deflater, output.baseAddress, output.count, pairs.baseAddress, pairs.count)
            }
        }
        precondition(written >= 0)
        return Array(output.prefix(Int(written)))
    }

    /// Calls `body` with all fields as nghttp2 wants them: pointers that live for the call.
    private func pairs(
        _ fields: ArraySlice<HPACKField>, _ made: [nghttp2_nv],
        _ body: (UnsafeMutableBufferPointer<nghttp2_nv>) -> Int
    ) -> Int {
        guard let field = fields.first else {
            var made = unsafe made
            return unsafe made.withUnsafeMutableBufferPointer { unsafe body($0) }
        }
        var name = field.name
        var value = field.value
        return unsafe name.withUnsafeMutableBufferPointer { name in
            unsafe value.withUnsafeMutableBufferPointer { value in
                let flags = field.isNeverIndexed ? UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) : 0
                let pair = unsafe nghttp2_nv(
                    name: name.baseAddress, value: value.baseAddress, namelen: name.count, valuelen: value.count,
                    flags: flags)
                return unsafe pairs(fields.dropFirst(), made + [pair], body)
            }
        }
    }
}
