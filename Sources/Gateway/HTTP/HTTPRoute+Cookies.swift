import Protocols

// A cookie's Path names a place of the server, and clients compare it with paths of the gateway (RFC 6265 §5.1.4).

extension HTTPRoute {
    /// What a Set-Cookie field is with the path that its cookie has here; `nil`: as it came.
    func cookie(in field: HTTPField, _ bytes: Span<UInt8>) -> String? {
        guard confinesCookies,
            let value = String(validating: [UInt8](copying: bytes.extracting(field.valueRange)), as: UTF8.self),
            let place = Self.path(ofCookie: value), let path = path(ofCookie: value[place]), path != value[place]
        else { return nil }
        return value[..<place.lowerBound] + path + value[place.upperBound...]
    }

    /// Whether cookies could have another path here: else one that counts for all of the server would go to every target.
    private var confinesCookies: Bool { prefix != "/" || base != "/" }

    /// Where the path of a cookie stands: that of the last Path attribute (RFC 6265 §5.2, §5.3 step 7). `nil` where clients find
    /// out by themselves, by the request's own path; and for a cookie whose name says that it counts for all of its host (RFC
    /// 6265bis §4.1.3.2), which they would not take otherwise.
    private static func path(ofCookie value: String) -> Range<String.Index>? {
        guard !value.prefix(7).lowercased().hasPrefix("__host-") else { return nil }
        var path: Range<String.Index>?
        for attribute in value.split(separator: ";", omittingEmptySubsequences: false).dropFirst() {
            guard let equals = attribute.firstIndex(of: "="), trim(attribute[..<equals]).lowercased() == "path"
            else { continue }
            let found = trim(attribute[attribute.index(after: equals)...])
            path = found.hasPrefix("/") ? found.startIndex..<found.endIndex : nil
        }
        return path
    }

    private static func trim(_ text: Substring) -> Substring {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        let start = text.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return start.prefix(0) }
        return start[...last]
    }

    /// One that counts for all of the target counts for all of it here, and for nothing else. `nil` for one that lies beside it:
    /// nothing that this target answers has such a path.
    private func path(ofCookie path: Substring) -> String? {
        let isAround = base == path || base.hasPrefix(path.hasSuffix("/") ? String(path) : path + "/")
        if isAround { return prefix }
        let start = base == "/" ? "" : base
        guard path.hasPrefix(start + "/") else { return nil }
        return (prefix == "/" ? "" : prefix) + path.dropFirst(start.count)
    }
}
