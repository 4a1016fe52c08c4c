/// What RFC 9113 §8 asks of a header block: which pseudo-header fields, once each, before all others; names in lower case; no field
/// about the connection.
enum HTTP2FieldRules {
    /// What a header block is.
    enum Block: String {
        case request, response, trailers
    }

    /// What is wrong first; `nil` where nothing is. Fields whose names nobody knows could be any.
    static func breach(_ fields: [HPACKField], _ block: Block) -> String? {
        var seen: [HTTP2FieldName] = []
        var hasRegular = false
        var hasUnknown = false
        for field in fields {
            let name = HTTP2FieldName(field.name)
            if field.isUnknown {
                hasUnknown = true
            } else if field.name.first == UInt8(ascii: ":") {
                if let breach = breach(pseudo: name, field, block, isLate: hasRegular, seen) { return breach }
                seen.append(name)
            } else {
                hasRegular = true
                if let breach = breach(regular: name, field) { return breach }
            }
        }
        return hasUnknown ? nil : missing(seen, fields, block)
    }

    private static func breach(
        pseudo name: HTTP2FieldName, _ field: HPACKField, _ block: Block, isLate: Bool, _ seen: [HTTP2FieldName]
    ) -> String? {
        if block == .trailers { return "\(shown(field)) stands in trailers (RFC 9113 §8.1)" }
        if isLate { return "\(shown(field)) stands behind other fields (RFC 9113 §8.3)" }
        guard isAllowed(name, in: block) else {
            return "\(shown(field)) is no field of a \(block.rawValue) (RFC 9113 §8.3)"
        }
        return seen.contains(name) ? "\(shown(field)) stands there twice (RFC 9113 §8.3)" : nil
    }

    private static func isAllowed(_ name: HTTP2FieldName, in block: Block) -> Bool {
        switch name {
        case .method, .scheme, .authority, .path, .protocol: block == .request
        case .status: block == .response
        default: false
        }
    }

    private static func breach(regular name: HTTP2FieldName, _ field: HPACKField) -> String? {
        if field.name.isEmpty { return "a field has no name (RFC 9113 §8.2.1)" }
        if field.name.contains(where: { (0x41...0x5a).contains($0) }) {
            return "\(shown(field)) has letters in upper case (RFC 9113 §8.2.1)"
        }
        switch name {
        case .te where field.value.elementsEqual("trailers".utf8): return nil
        case .connection, .proxyConnection, .keepAlive, .transferEncoding, .upgrade, .te:
            return "\(shown(field)) is about an HTTP/1 connection (RFC 9113 §8.2.2)"
        default: return nil
        }
    }

    /// CONNECT has neither scheme nor path (§8.5), unless it is the extended one (RFC 8441 §4).
    private static func missing(_ seen: [HTTP2FieldName], _ fields: [HPACKField], _ block: Block) -> String? {
        let required: [HTTP2FieldName] =
            switch block {
            case .request: isConnect(seen, fields) ? [.method, .authority] : [.method, .scheme, .path]
            case .response: [.status]
            case .trailers: []
            }
        return required.first { !seen.contains($0) }.map { "\($0.rawValue) is missing (RFC 9113 §8.3)" }
    }

    private static func isConnect(_ seen: [HTTP2FieldName], _ fields: [HPACKField]) -> Bool {
        guard let place = seen.firstIndex(of: .method), !seen.contains(.protocol) else { return false }
        // Up to the first regular field, the names seen are those of the fields.
        return fields[place].value.elementsEqual("CONNECT".utf8)
    }

    private static func shown(_ field: HPACKField) -> String {
        DisplayText.line(String(decoding: field.name, as: UTF8.self), limit: 40)
    }
}
