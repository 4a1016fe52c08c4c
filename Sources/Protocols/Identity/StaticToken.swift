/// A random text that proves who presents it. Only its hash is kept: the text is long and random, so that nobody
/// guesses it from the hash.
public struct StaticToken: Sendable, Hashable {
    public var subject: String
    public var groups: [String]
    /// SHA-256 of the token, 32 bytes.
    public var digest: [UInt8]
    /// In nanoseconds since 1970; `nil`: it does not expire.
    public var validUntil: Int64?

    /// What is shorter is no token, whatever its hash: it would be a password that can be guessed. 128 bits in
    /// hexadecimal.
    public static let byteCountMinimum = 32

    public init(subject: String, groups: [String] = [], digest: [UInt8], validUntil: Int64? = nil) {
        self.subject = subject
        self.groups = groups
        self.digest = digest
        self.validUntil = validUntil
    }
}
