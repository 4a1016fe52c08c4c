import CIDN
public import Protocols

/// Passwords as SCRAM salts them: made alike however they were typed (SASLprep, RFC 4013), by libidn.
public enum SASLprep {
    /// The prepared password; `nil` where it is no UTF-8, holds what RFC 4013 forbids, or nothing is left of it.
    ///
    /// ASCII stays as it is, control characters, too: so PostgreSQL does (pg_saslprep in src/common/saslprep.c).
    public static func prepare(_ password: Secret) -> Secret? {
        if password.bytes.allSatisfy({ $0 < 0x80 }) { return password }
        guard String(validating: password.bytes, as: UTF8.self) != nil, !password.bytes.contains(0) else { return nil }
        // NFKC makes of a character no more than 11 times its bytes (U+FDFA).
        var text = password.bytes + [UInt8](repeating: 0, count: password.bytes.count * 11 + 1)
        let status = unsafe text.withUnsafeMutableBytes { buffer in
            // SAFETY: the text is terminated, and no more than the capacity is written.
            guard let start = buffer.baseAddress else { return Int32(STRINGPREP_TOO_SMALL_BUFFER.rawValue) }
            return unsafe wt_saslprep(start.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        guard status == STRINGPREP_OK.rawValue, let end = text.firstIndex(of: 0), end > 0 else { return nil }
        return Secret(Array(text[..<end]))
    }

    /// As PostgreSQL does, servers and clients: a password that cannot be prepared counts by its bytes.
    public static func prepareOrKeep(_ password: Secret) -> Secret { prepare(password) ?? password }
}
