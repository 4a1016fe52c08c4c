/// Makes what a peer said fit to be shown: in a terminal, a log, an error.
///
/// Peer text may hold bytes that move a cursor, retitle a window, reverse the reading order or are no text at all. All of
/// them become visible here, and nothing is longer than told.
public enum DisplayText {
    /// Bytes as text: what is not UTF-8 becomes `\xNN`. Other characters stay as they are, so that a search finds them.
    ///
    /// Of bytes beyond `limit` only their count is told. Postgres texts that are not UTF-8 (LATIN1 …) stay readable
    /// where they are ASCII.
    public static func decode(_ bytes: Span<UInt8>, limit: Int = .max) -> String {
        if bytes.count <= limit, let text = try? UTF8Span(validating: bytes) { return String(copying: text) }
        var output: [UInt8] = []
        append(decoding: bytes, limit: limit, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends bytes as text, as ``decode(_:limit:)`` makes it.
    public static func append(decoding bytes: Span<UInt8>, limit: Int = .max, to output: inout [UInt8]) {
        var shown = min(bytes.count, max(0, limit))
        // A character that the limit would cut in two is left out whole; none has more than three bytes to follow.
        for _ in 0..<3 where shown > 0 && shown < bytes.count && bytes[shown] & 0xc0 == 0x80 { shown -= 1 }
        let text = bytes.extracting(0..<shown)
        if (try? UTF8Span(validating: text)) != nil {
            output.append(text)
        } else {
            appendEscaping(text, to: &output)
        }
        if shown < bytes.count { output.append(contentsOf: leftOut(bytes.count - shown, "byte").utf8) }
    }

    /// Appends text, with escapes for what is no UTF-8.
    private static func appendEscaping(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        var index = 0
        var runStart = 0
        while index < bytes.count {
            let length = bytes[index] < 0x80 ? 1 : characterLength(bytes, at: index)
            if length == 0 {
                output.append(bytes.extracting(runStart..<index))
                output.append(contentsOf: ("\\x" + hex(bytes[index])).utf8)
                index += 1
                runStart = index
            } else {
                index += length
            }
        }
        output.append(bytes.extracting(runStart...))
    }

    /// Text on one line, safe for any terminal: controls (C0, DEL, C1), line and paragraph separators, bidirectional
    /// controls and invisible format characters are written as escapes. Of characters beyond `limit` only their count is told.
    public static func line(_ text: some StringProtocol, limit: Int = .max) -> String {
        var output: [UInt8] = []
        appendLine(String(text), limit: limit, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends text as in ``line(_:limit:)``.
    public static func appendLine(_ text: String, limit: Int = .max, to output: inout [UInt8]) {
        let text = text.utf8Span
        let bytes = text.span
        var start = 0
        while start < bytes.count, bytes.count <= limit {
            let end = bytes.firstIndex(from: start) { $0.isBelow(0x20) | $0.isAbove(0x7e) }
            output.append(bytes.extracting(start..<end))
            if end == bytes.count { return }
            start = end
            guard bytes[end] < 0x80 else { break }
            append(control: bytes[end], to: &output)
            start += 1
        }
        append(scalars: text, from: start, limit: limit, to: &output)
    }

    /// Appends characters one by one.
    private static func append(scalars text: UTF8Span, from start: Int, limit: Int, to output: inout [UInt8]) {
        var scalars = text.makeUnicodeScalarIterator()
        scalars.reset(roundingBackwardsFrom: start)
        var count = 0
        while let scalar = scalars.next() {
            if count < limit { append(scalar, to: &output) }
            count += 1
        }
        if count > limit { output.append(contentsOf: leftOut(count - limit, "character").utf8) }
    }

    private static func append(control byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): output.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): output.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): output.append(UInt8(ascii: "t"))
        default: output.append(contentsOf: ("x" + hex(byte)).utf8)
        }
    }

    /// Text on as many lines as it has; each is safe as in ``line(_:limit:)``. The limit is on the whole.
    public static func lines(_ text: String, limit: Int = .max) -> [String] {
        var lines: [String] = []
        var rest = limit
        let parts = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for part in parts {
            let content = part.last == "\r" ? part.dropLast() : part
            lines.append(line(Substring(content).replacingTabs, limit: max(0, rest)))
            rest -= content.count
            guard rest > 0 else { break }
        }
        if lines.count < parts.count { lines.append(leftOut(parts.count - lines.count, "line")) }
        return lines
    }

    /// "… (17 bytes more)".
    private static func leftOut(_ count: Int, _ noun: String) -> String {
        "… (\(count) \(noun)\(count == 1 ? "" : "s") more)"
    }

    /// Whether a terminal or a reader might take the character for something else than it is.
    public static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0: true
        // Soft hyphen, Arabic letter mark, Mongolian vowel separator.
        case 0xad, 0x061c, 0x180e: true
        // Zero width, bidirectional marks, line and paragraph separators, embeddings and overrides.
        case 0x200b...0x200f, 0x2028...0x202e: true
        // Word joiner, invisible operators, bidirectional isolates, deprecated format characters.
        case 0x2060...0x206f: true
        // Byte order mark, interlinear annotation, tag characters.
        case 0xfeff, 0xfff9...0xfffb, 0xe0000...0xe007f: true
        default: false
        }
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        if 0x20..<0x7f ~= scalar.value { return output.append(UInt8(truncatingIfNeeded: scalar.value)) }
        guard isUnsafe(scalar) else { return output.append(contentsOf: String(scalar).utf8) }
        if scalar.value < 0x100 { return append(control: UInt8(scalar.value), to: &output) }
        output.append(contentsOf: ("\\u{" + String(scalar.value, radix: 16) + "}").utf8)
    }

    private static func hex(_ byte: UInt8) -> String { Hex.encode(CollectionOfOne(byte)) }

    /// The length of the well-formed UTF-8 character at `index` (Unicode, table 3-7); 0 where there is none.
    private static func characterLength(_ bytes: Span<UInt8>, at index: Int) -> Int {
        let lead = bytes[index]
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch lead {
            case 0xc2...0xdf: (2, 0x80...0xbf)
            case 0xe0: (3, 0xa0...0xbf)
            case 0xed: (3, 0x80...0x9f)
            case 0xe1...0xef: (3, 0x80...0xbf)
            case 0xf0: (4, 0x90...0xbf)
            case 0xf1...0xf3: (4, 0x80...0xbf)
            case 0xf4: (4, 0x80...0x8f)
            default: (0, 0x80...0xbf)
            }
        guard length > 0, index + length <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
        for place in index + 2..<max(index + 2, index + length) where bytes[place] & 0xc0 != 0x80 { return 0 }
        return length
    }
}

extension Substring {
    /// Tabs indent SQL; four columns are as good as any.
    fileprivate var replacingTabs: Substring {
        guard utf8.contains(UInt8(ascii: "\t")) else { return self }
        return Substring(split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "    "))
    }
}
