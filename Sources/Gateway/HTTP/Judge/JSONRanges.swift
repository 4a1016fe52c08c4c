import Protocols

/// Where the parts of a JSON text stand, so that some of it can be taken out and the rest stays as it came. The text has to
/// be valid: `JSON.parse` has read it.
struct JSONRanges {
    struct Member {
        /// Without quotes and escapes.
        let name: String
        let value: Range<Int>
    }

    let text: [UInt8]

    /// The members of the object that stands there; none when there is none.
    func members(of object: Range<Int>) -> [Member] {
        var at = object.lowerBound + 1
        var members: [Member] = []
        guard byte(object.lowerBound) == UInt8(ascii: "{") else { return [] }
        while true {
            at = skipSpace(at)
            guard byte(at) == UInt8(ascii: "\"") else { return members }
            let key = at..<skipString(at)
            let start = skipSpace(skipSpace(key.upperBound) + 1)
            let value = start..<skipValue(start)
            if let name = try? JSON.parse(text.span.extracting(key)).string {
                members.append(Member(name: name, value: value))
            }
            at = skipSpace(value.upperBound)
            guard byte(at) == UInt8(ascii: ",") else { return members }
            at += 1
        }
    }

    /// The elements of the array that stands there; none when there is none.
    func elements(of array: Range<Int>) -> [Range<Int>] {
        guard byte(array.lowerBound) == UInt8(ascii: "[") else { return [] }
        var at = skipSpace(array.lowerBound + 1)
        var elements: [Range<Int>] = []
        while let byte = byte(at), byte != UInt8(ascii: "]") {
            elements.append(at..<skipValue(at))
            at = skipSpace(elements[elements.count - 1].upperBound)
            if self.byte(at) == UInt8(ascii: ",") { at = skipSpace(at + 1) }
        }
        return elements
    }

    /// The whole value, without the space around it.
    var root: Range<Int> {
        let start = skipSpace(0)
        return start..<skipValue(start)
    }

    private func byte(_ index: Int) -> UInt8? { index < text.count ? text[index] : nil }

    private func skipSpace(_ start: Int) -> Int {
        var at = start
        while let byte = byte(at), [0x20, 0x09, 0x0a, 0x0d].contains(byte) { at += 1 }
        return at
    }

    private func skipString(_ start: Int) -> Int {
        var at = start + 1
        while let byte = byte(at), byte != UInt8(ascii: "\"") { at += byte == UInt8(ascii: "\\") ? 2 : 1 }
        return min(at + 1, text.count)
    }

    private func skipValue(_ start: Int) -> Int {
        var at = start
        var depth = 0
        while let byte = byte(at) {
            switch byte {
            case UInt8(ascii: "\""):
                at = skipString(at)
                if depth == 0 { return at }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // The end of what surrounds a number or a word.
                if depth == 0 { return at }
                depth -= 1
                if depth == 0 { return at + 1 }
            case UInt8(ascii: ","), 0x20, 0x09, 0x0a, 0x0d:
                if depth == 0 { return at }
            default: break
            }
            at += 1
        }
        return at
    }
}
