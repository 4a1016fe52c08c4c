/// What RFC 9113 §8 asks of a header block: which pseudo-header fields, once each, before all others; names in lower case; no field
/// about the connection.
enum HTTP2FieldRules {
    /// What a header block is.
    enum Block {
        case request, response, trailers
    }

    private static let connectionFields: Set<String> = [
        "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade",
    ]

    /// What is wrong first; `nil` where nothing is. Fields whose names nobody knows could be any.
    static func breach(_ fields: [HPACKField], _ block: Block) -> String? {
        var seen: Set<String> = []
        var hasRegular = false
        for field in fields where field != .unknown {
            let name = String(decoding: field.name, as: UTF8.self)
            guard name.hasPrefix(":") else {
                hasRegular = true
                if let breach = breach(regular: name, field) { return breach }
                continue
            }
            let shown = DisplayText.line(name, limit: 40)
            if block == .trailers { return "\(shown) stands in trailers (RFC 9113 §8.1)" }
            if hasRegular { return "\(shown) stands behind other fields (RFC 9113 §8.3)" }
            guard allowed(block).contains(name) else { return "\(shown) is no field of a \(block) (RFC 9113 §8.3)" }
            guard seen.insert(name).inserted else { return "\(shown) stands there twice (RFC 9113 §8.3)" }
        }
        guard !fields.contains(.unknown) else { return nil }
        return missing(seen, fields, block)
    }

    private static func breach(regular name: String, _ field: HPACKField) -> String? {
        let shown = DisplayText.line(name, limit: 40)
        if field.name.isEmpty { return "a field has no name (RFC 9113 §8.2.1)" }
        if field.name.contains(where: { (0x41...0x5a).contains($0) }) {
            return "\(shown) has letters in upper case (RFC 9113 §8.2.1)"
        }
        let isTE = name == "te" && field.value != Array("trailers".utf8)
        return connectionFields.contains(name) || isTE
            ? "\(shown) is about an HTTP/1 connection (RFC 9113 §8.2.2)" : nil
    }

    private static func allowed(_ block: Block) -> Set<String> {
        switch block {
        case .request: [":method", ":scheme", ":authority", ":path", ":protocol"]
        case .response: [":status"]
        case .trailers: []
        }
    }

    /// CONNECT has neither scheme nor path (§8.5), unless it is the extended one (RFC 8441 §4).
    private static func missing(_ seen: Set<String>, _ fields: [HPACKField], _ block: Block) -> String? {
        let isConnect = fields.contains(HPACKField(":method", "CONNECT")) && !seen.contains(":protocol")
        let required: [String] =
            switch block {
            case .request: isConnect ? [":method", ":authority"] : [":method", ":scheme", ":path"]
            case .response: [":status"]
            case .trailers: []
            }
        return required.first { !seen.contains($0) }.map { "\($0) is missing (RFC 9113 §8.3)" }
    }
}
