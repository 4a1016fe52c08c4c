/// Base64 that comes in pieces of any length, of several texts one after the other, each with padding of its own: so gRPC-Web sends what
/// has to pass as text (PROTOCOL-WEB.md).
struct Base64Pieces: Sendable {
    /// A group that is not whole yet.
    private var rest: [UInt8] = []
    /// What came is no base64: nothing that follows can be told.
    private(set) var isBroken = false

    /// The bytes of all groups that are whole now.
    mutating func decode(_ piece: Span<UInt8>) -> [UInt8] {
        guard !isBroken else { return [] }
        rest.append(piece)
        var output: [UInt8] = []
        var start = 0
        while rest.count - start >= 4 {
            let padding = rest[start...].firstIndex(of: UInt8(ascii: "=")) ?? rest.count
            // Up to the group with the padding, or to the last whole one.
            let end = min(start + ((padding - start) / 4 + 1) * 4, start + (rest.count - start) / 4 * 4)
            guard let bytes = Base64.decode(String(decoding: rest[start..<end], as: UTF8.self)) else {
                isBroken = true
                break
            }
            output += bytes
            start = end
        }
        rest.removeFirst(isBroken ? rest.count : start)
        return output
    }
}
