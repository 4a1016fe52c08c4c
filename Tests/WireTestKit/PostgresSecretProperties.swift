import Protocols

/// What must hold for every text that secrets are looked for in. The fuzzer, the replay of its finds and the random test
/// share it.
public enum PostgresSecretProperties {
    /// A sentence on what does not hold, or `nil`.
    ///
    /// The input: a byte that chooses the form, one that chooses what is wrapped around it, one for the secret's length, the
    /// secret, and text that comes before it.
    public static func violation(_ input: [UInt8]) -> String? {
        if let violation = disorder(input) ?? dependenceOnCuts(input) { return violation }
        guard input.count > 4 else { return nil }
        let length = 4 + Int(input[2] % 40)
        // A secret of asterisks would look like its own filler.
        let secret = Array(input.dropFirst(3).prefix(length)).filter { $0 != 0 && $0 != UInt8(ascii: "*") }
        let statement = PostgresSecretStatement(
            secret, form: Int(input[0]), wraps: Int(input[1]), after: Array(input.dropFirst(3 + length)))
        guard let statement, secret.count >= 4 else { return nil }
        return leak(statement)
    }

    /// A statement whose secret is known is shown without it: held whole, and passing in pieces.
    public static func leak(_ statement: PostgresSecretStatement) -> String? {
        var shown = statement.sql
        for range in PostgresSecrets.find(in: statement.sql.span) { fill(&shown, range) }
        if shown.count(of: statement.secret) > 0 {
            return
                "\(String(decoding: statement.sql, as: UTF8.self)) is shown as \(String(decoding: shown, as: UTF8.self))"
        }
        shown = statement.sql
        var stream = PostgresSecretStream()
        if let range = stream.next(statement.sql.span) { fill(&shown, range) }
        guard shown.count(of: statement.secret) == 0 else {
            return "in pieces, \(String(decoding: shown, as: UTF8.self)) is shown"
        }
        return nil
    }

    private static func fill(_ bytes: inout [UInt8], _ range: Range<Int>) {
        for index in range { bytes[index] = UInt8(ascii: "*") }
    }

    private static func disorder(_ text: [UInt8]) -> String? {
        for isStandardConforming in [true, false] {
            var end = 0
            for range in PostgresSecrets.find(in: text.span, isStandardConforming: isStandardConforming) {
                guard range.lowerBound >= end, !range.isEmpty, range.upperBound <= text.count else {
                    return "\(range) after \(end) of \(text.count)"
                }
                end = range.upperBound
            }
        }
        return nil
    }

    /// The same bytes are secret, however a long text is cut.
    private static func dependenceOnCuts(_ text: [UInt8]) -> String? {
        let starts = [Chunking.whole, .halves, .byteByByte, .random(seed: UInt64(text.count))].map { chunking in
            var stream = PostgresSecretStream()
            for piece in chunking.pieces(of: text.count) {
                if let range = stream.next(text.span.extracting(piece)) { return piece.lowerBound + range.lowerBound }
            }
            return text.count
        }
        return Set(starts).count == 1 ? nil : "a long text's secrets begin at \(starts), by how it was cut"
    }
}

/// SQL that holds a secret in one of the forms that are to be found.
public struct PostgresSecretStatement: Sendable {
    public private(set) var sql: [UInt8]
    /// The secret as it stands in the statement.
    public private(set) var secret: [UInt8]

    public static let formCount = 12

    /// `nil` where the text around the secret holds it, too.
    ///
    /// - Parameters:
    ///   - form: which statement; any number stands for one.
    ///   - wraps: what is wrapped around it, two bits at a time.
    ///   - before: comes before the statement; what SQL gives a meaning is left out.
    public init?(_ plain: [UInt8], form: Int, wraps: Int, after before: [UInt8]) {
        let quote = UInt8(ascii: "'")
        let meaningful = Set("'\"$/-\\%;".utf8)
        let harmless = before.filter { !meaningful.contains($0) }
        sql = []
        secret = plain
        switch form % Self.formCount {
        case 0: put("ALTER ROLE bob PASSWORD '", "' NOLOGIN") { Self.doubled($0, quote) }
        case 1: put("create user bob encrypted password/**/E'", "';") { Self.escaped(Self.doubled($0, quote)) }
        case 2: put("ALTER GROUP bob PaSsWoRd $q_q$", "$q_q$") { $0.filter { $0 != UInt8(ascii: "$") } }
        case 3: put("ALTER USER MAPPING FOR b SERVER s OPTIONS (SET password '", "')") { Self.doubled($0, quote) }
        case 4:
            put("CREATE SUBSCRIPTION s CONNECTION 'host=h password=''", "'' dbname=d'") {
                Self.doubled(Self.escaped($0, quote), quote)
            }
        case 5:
            put("SELECT dblink_connect('c', E'host=h password = \\'", "\\'')") {
                Self.escaped(Self.doubled(Self.escaped($0, quote), quote))
            }
        case 6: put("SELECT crypt('", "', gen_salt('bf'))") { Self.doubled($0, quote) }
        case 7: put("ALTER SYSTEM SET ssl_passphrase_command\n=\n'", "'") { Self.doubled($0, quote) }
        case 8: put("ALTER SUBSCRIPTION s CONNECTION 'postgresql://bob:", "@h:1/d?x=y'") { Self.percentEncoded($0) }
        case 9:
            put("SELECT dblink('postgres:///d?user=bob&password=", "&port=1', 'SELECT 1')") { Self.percentEncoded($0) }
        case 10: put("SELECT pgp_sym_encrypt('data', \n '", "')") { Self.doubled($0, quote) }
        default: put("UPDATE t SET password=$$", "$$") { $0.filter { $0 != UInt8(ascii: "$") } }
        }
        var wraps = wraps
        while wraps > 0 {
            wrap(wraps % 4)
            wraps /= 4
        }
        sql = harmless + [UInt8(ascii: "\n"), UInt8(ascii: ";")] + sql
        guard secret.count >= 4, sql.count(of: secret) == 1 else { return nil }
    }

    private mutating func put(_ head: String, _ tail: String, _ encode: ([UInt8]) -> [UInt8]) {
        secret = encode(secret)
        sql = Array(head.utf8) + secret + Array(tail.utf8)
    }

    private mutating func wrap(_ kind: Int) {
        let quote = UInt8(ascii: "'")
        switch kind {
        case 1 where sql.count(of: Array("$w_w$".utf8)) == 0: put(sql, "DO $w_w$BEGIN ", "; END$w_w$") { $0 }
        case 2: put(sql, "EXECUTE '", "'") { Self.doubled($0, quote) }
        case 3: put(sql, "EXECUTE E'", "'") { Self.escaped(Self.doubled($0, quote)) }
        default: break
        }
    }

    private mutating func put(_ inner: [UInt8], _ head: String, _ tail: String, _ encode: ([UInt8]) -> [UInt8]) {
        sql = Array(head.utf8) + encode(inner) + Array(tail.utf8)
        secret = encode(secret)
    }

    private static func doubled(_ bytes: [UInt8], _ quote: UInt8) -> [UInt8] {
        bytes.flatMap { $0 == quote ? [$0, $0] : [$0] }
    }

    /// With a backslash before each backslash, and before each of `others`.
    private static func escaped(_ bytes: [UInt8], _ others: UInt8...) -> [UInt8] {
        bytes.flatMap { $0 == UInt8(ascii: "\\") || others.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
    }

    private static func percentEncoded(_ bytes: [UInt8]) -> [UInt8] {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        return bytes.flatMap { plain.contains($0) ? [$0] : Array("%\(Hex.encode([$0]))".utf8) }
    }
}

extension [UInt8] {
    /// How often the bytes of `part` occur.
    fileprivate func count(of part: [UInt8]) -> Int {
        guard count >= part.count else { return 0 }
        return (0...(count - part.count)).count { self[$0..<($0 + part.count)].elementsEqual(part) }
    }
}
