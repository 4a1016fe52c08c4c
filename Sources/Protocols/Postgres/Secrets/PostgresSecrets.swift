/// Finds in SQL the secrets that must never reach a recording: they are told by their shape, not by the statement that they
/// stand in, so that a mistyped statement keeps its secret, too.
///
/// - The value of a name that means a secret: `PASSWORD '…'` of a role, `OPTIONS (password '…')`, `SET password = '…'`,
///   `ALTER SYSTEM SET ssl_passphrase_command = '…'`. In CREATE or ALTER of a role, whatever follows PASSWORD but NULL.
/// - Within any string that is a connection string or a URL: the value of `password=`, and what stands between a user's
///   name and the @. So `CONNECTION '…'`, `primary_conninfo`, `dblink_connect('…')`.
/// - Strings in a call of a function of pgcrypto.
/// - All of that within strings (EXECUTE '…', DO $$…$$), function bodies and comments.
///
/// What breaks SQL's own rules errs towards the secret: where quotes do not pair up, everything after the first telling
/// word is one. What is not found: values that are nothing but data to the server, such as a Bind's parameter, a row of
/// COPY or an INSERT, or an argument of a FunctionCall; and names written in Unicode escapes.
public enum PostgresSecrets {
    /// The ranges of `sql` that hold secrets, quotes excluded: in order, without overlap, none of them empty.
    ///
    /// Costs one pass over the bytes, without an allocation, where no telling word occurs.
    ///
    /// - Parameter isStandardConforming: the session's setting standard_conforming_strings.
    public static func find(in sql: Span<UInt8>, isStandardConforming: Bool = true) -> [Range<Int>] {
        guard mayTell(sql), let trigger = firstTrigger(in: sql) else { return [] }
        var search = PostgresSecretSearch(isStandardConforming: isStandardConforming, depth: 0)
        search.run(sql)
        if search.isBroken { search.add(trigger..<sql.count) }
        return merged(search.found)
    }

    /// Whether two letters occur together that every telling word has. Branchless, so that the compiler makes vectors of it.
    @inline(__always)
    static func mayTell(_ text: Span<UInt8>) -> Bool {
        guard text.count > 1 else { return false }
        var nearest = UInt8.max
        for index in 1..<text.count {
            let first = text[index - 1] | 0x20
            let second = text[index] | 0x20
            // "sw" of password, "ph" of passphrase, "cr" of crypt, scram and secret, "hm" of hmac, "//" of a URL.
            let words = min((first ^ 0x73) | (second ^ 0x77), (first ^ 0x70) | (second ^ 0x68))
            let functions = min((first ^ 0x63) | (second ^ 0x72), (first ^ 0x68) | (second ^ 0x6d))
            nearest = min(nearest, min(min(words, functions), (first ^ 0x2f) | (second ^ 0x2f)))
        }
        return nearest == 0
    }

    /// Where the first telling word ends; `nil` where none occurs. A URL is telling where an @ follows.
    static func firstTrigger(in text: Span<UInt8>) -> Int? {
        var isURLPossible = true
        for index in text.indices {
            switch text[index].lowercased {
            case UInt8(ascii: "p"), UInt8(ascii: "c"), UInt8(ascii: "h"), UInt8(ascii: "s"):
                for word in PostgresSecretWords.triggers where text.has(word, at: index) { return index + word.count }
            case UInt8(ascii: ":") where isURLPossible && text.has(PostgresConnectionString.separator, at: index):
                let end = index + PostgresConnectionString.separator.count
                isURLPossible = text.firstIndex(of: UInt8(ascii: "@"), from: end) != nil
                if isURLPossible { return end }
            default: continue
            }
        }
        return nil
    }

    /// The same bytes in order, without overlap and without empty ranges.
    public static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
