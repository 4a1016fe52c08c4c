import Protocols

/// Finds the server's "S" that answers an SSLRequest (manual §55.2.11).
///
/// A recording goes on with what TLS carried. Wireshark would expect TLS after "S", and show nothing; so "N" stands there,
/// and the packet's comment says so.
struct EncryptionReply: Sendable {
    static let comment = "the server answered “S”: TLS; “N” stands here, since what follows is what TLS carried"

    /// Nothing that follows can be the answer.
    private(set) var isOver = false

    /// The bytes to show in place of these; `nil` for the same.
    mutating func shown(_ bytes: Span<UInt8>) -> [UInt8]? {
        // An answer is a byte of its own; "N" may answer an earlier GSSENCRequest.
        guard bytes.count == 1, bytes[0] == UInt8(ascii: "S") || bytes[0] == UInt8(ascii: "N") else {
            isOver = true
            return nil
        }
        guard bytes[0] == UInt8(ascii: "S") else { return nil }
        isOver = true
        return [UInt8(ascii: "N")]
    }
}
