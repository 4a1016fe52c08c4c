/// What RFC 9113 §8 asks of a header block: which pseudo-header fields, once each, before all others; names in lower case; no field
/// about the connection.
enum HTTP2FieldRules {
    /// What a header block is.
    enum Block: String {
        case request, response, trailers
    }

    /// What is wrong first; `nil` where nothing is. Fields whose names nobody knows could be any.
    static func breach(_ list: HPACKHeaderList, _ block: Block) -> String? {
        let fields = list.fields.span
        var hasRegular = false
        var hasUnknown = false
        for index in fields.indices {
            let field = fields[index]
            if field.isUnknown {
                hasUnknown = true
            } else if list.isPseudo(field) {
                let before = fields.extracting(0..<index)
                if let words = breach(pseudo: field, behind: before, block, isLate: hasRegular) {
                    return "\(shown(field, list)) \(words)"
                }
            } else {
                hasRegular = true
                if field.nameCount == 0 { return "a field has no name (RFC 9113 §8.2.1)" }
                if let words = breach(regular: field, list) { return "\(shown(field, list)) \(words)" }
            }
        }
        return hasUnknown ? nil : missing(list, block).map { "\($0.rawValue) is missing (RFC 9113 §8.3)" }
    }

    private static func breach(
        pseudo field: HPACKHeaderList.Field, behind before: Span<HPACKHeaderList.Field>, _ block: Block, isLate: Bool
    ) -> String? {
        if block == .trailers { return "stands in trailers (RFC 9113 §8.1)" }
        if isLate { return "stands behind other fields (RFC 9113 §8.3)" }
        guard isAllowed(field.name, in: block) else { return "is no field of a \(block.rawValue) (RFC 9113 §8.3)" }
        for index in before.indices where before[index].name == field.name {
            return "stands there twice (RFC 9113 §8.3)"
        }
        return nil
    }

    private static func isAllowed(_ name: HPACKFieldName, in block: Block) -> Bool {
        switch name {
        case .method, .scheme, .authority, .path, .protocol: block == .request
        case .status: block == .response
        default: false
        }
    }

    private static func breach(regular field: HPACKHeaderList.Field, _ list: HPACKHeaderList) -> String? {
        switch field.name {
        case .other:
            let name = list.bytes.span.extracting(field.nameRange)
            for index in name.indices where (0x41...0x5a).contains(name[index]) {
                return "has letters in upper case (RFC 9113 §8.2.1)"
            }
            return nil
        case .te where list.bytes[field.valueRange].elementsEqual("trailers".utf8): return nil
        case .connection, .proxyConnection, .keepAlive, .transferEncoding, .upgrade, .te:
            return "is about an HTTP/1 connection (RFC 9113 §8.2.2)"
        default: return nil
        }
    }

    /// The first of those that the block needs. CONNECT has neither scheme nor path (§8.5), unless it is the extended one (RFC 8441
    /// §4).
    private static func missing(_ list: HPACKHeaderList, _ block: Block) -> HPACKFieldName? {
        func unlessThere(_ name: HPACKFieldName) -> HPACKFieldName? { list.first(name) == nil ? name : nil }
        switch block {
        case .request:
            guard !isConnect(list) else { return unlessThere(.method) ?? unlessThere(.authority) }
            return unlessThere(.method) ?? unlessThere(.scheme) ?? unlessThere(.path)
        case .response: return unlessThere(.status)
        case .trailers: return nil
        }
    }

    private static func isConnect(_ list: HPACKHeaderList) -> Bool {
        guard let method = list.first(.method), list.first(.protocol) == nil else { return false }
        return list.bytes[method.valueRange].elementsEqual("CONNECT".utf8)
    }

    private static func shown(_ field: HPACKHeaderList.Field, _ list: HPACKHeaderList) -> String {
        DisplayText.line(String(decoding: list.bytes[field.nameRange], as: UTF8.self), limit: 40)
    }
}
