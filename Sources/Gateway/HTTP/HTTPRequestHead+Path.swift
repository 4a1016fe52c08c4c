import Protocols

extension HTTPRequestHead {
    /// Where the path stands as it came, without the query; empty where an absolute-form has none (RFC 9112 §3.2.2).
    func path(in bytes: Span<UInt8>) -> Range<Int> {
        let start = authority(bytes)?.upperBound ?? target.lowerBound
        let text = bytes.extracting(start..<target.upperBound)
        return start..<(start + (text.firstIndex(of: UInt8(ascii: "?"), from: 0) ?? text.count))
    }

    /// The path as text; "/" where there is none.
    func pathText(in bytes: Span<UInt8>) -> String {
        let path = path(in: bytes)
        return path.isEmpty ? "/" : String(decoding: [UInt8](copying: bytes.extracting(path)), as: UTF8.self)
    }
}
