import CPgQuery
import Glibc
public import Protocols

/// Reads SQL with PostgreSQL 15's own grammar (libpg_query).
public enum SQLParser {
    /// A text that is longer is not read; bytes. Most of it has to be in quotes.
    public static let lengthLimit = 4 << 20
    /// A text whose shape is longer is not read, nor one that is longer and has no shape; bytes. What parsing takes goes with
    /// what stands outside quotes: some 0.1 s for this at worst, beside 6 ms for each MiB in quotes.
    public static let syntaxLimit = 64 << 10
    /// How many operators a text may hold. The library writes a tree down recursively, about 170 bytes of stack for each
    /// link of a chain such as `1 + 1 + …`, and does not look after its stack: unbounded, a long text would crash us. What
    /// nests to the right or in parentheses is bounded by the grammar's own stack of 10,000 entries.
    private static let operatorLimit = 12_000
    /// How far the JSON of a tree may nest, two levels for each link of a chain. Bounds our own stack.
    private static let depthLimit = 1_000
    /// Values that the JSON of a tree may hold. Bounds our memory.
    private static let valueLimit = 300_000

    /// What a request's text asks for. Text that is not ASCII has to be UTF-8. Never fails: what cannot be read is unseen.
    ///
    /// May be called on any thread.
    public static func facts(of text: Span<UInt8>) -> SQLFacts {
        guard isShort(text) else { return .unseen(.tooLong) }
        guard operatorCount(text) <= operatorLimit else { return .unseen(.tooDeep) }
        var terminated = [UInt8](copying: text)
        terminated.append(0)
        // SAFETY: the text is terminated and outlives the call; the result is freed after its last use.
        return unsafe terminated.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return .unseen(.tooLong) }
            let result = unsafe pg_query_parse(start.assumingMemoryBound(to: CChar.self))
            defer { unsafe pg_query_free_parse_result(result) }
            if let error = unsafe result.error { return unsafe .unseen(.unparsable(at: Int(error.pointee.cursorpos))) }
            guard let tree = unsafe result.parse_tree else { return .unseen(.unparsable(at: 0)) }
            let json = unsafe UnsafeBufferPointer(
                start: UnsafeRawPointer(tree).assumingMemoryBound(to: UInt8.self), count: strlen(tree))
            return unsafe facts(inTree: json.span)
        }
    }

    private static func facts(inTree json: Span<UInt8>) -> SQLFacts {
        do throws(JSONFault) {
            let tree = try JSON.parse(json, depth: depthLimit, values: valueLimit)
            return SQLTree.facts(in: tree) ?? .unseen(.unparsable(at: 0))
        } catch {
            return .unseen(.tooDeep)
        }
    }

    private static func isShort(_ text: Span<UInt8>) -> Bool {
        guard text.count > syntaxLimit else { return true }
        guard text.count <= lengthLimit else { return false }
        var shape: [UInt8] = []
        return SQLShape.append(of: text, to: &shape) && shape.count <= syntaxLimit
    }

    /// At least as many as the parser can find, since quotes and comments are counted, too. The sign of a number behind `(`
    /// or `,` is no link of a chain.
    private static func operatorCount(_ text: Span<UInt8>) -> Int {
        var count = 0
        var previous: UInt8 = 0
        for index in text.indices {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "+"), UInt8(ascii: "-"):
                if previous != UInt8(ascii: "("), previous != UInt8(ascii: ",") { count += 1 }
            case UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "="),
                UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "@"), UInt8(ascii: "#"), UInt8(ascii: "%"),
                UInt8(ascii: "^"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "`"), UInt8(ascii: "?"):
                count += 1
            case UInt8(ascii: ":") where previous == byte: count += 1
            default: break
            }
            previous = byte
        }
        return count
    }
}
