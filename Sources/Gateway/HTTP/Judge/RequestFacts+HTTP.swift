import Protocols

extension RequestFacts {
    /// Fields by which some servers let a request ask for another method or path than its own (Rails, Symfony, IIS, Spring).
    private static let methodFields = ["x-http-method-override", "x-http-method", "x-method-override"]
    private static let pathFields = ["x-original-url", "x-rewrite-url"]

    /// What a request's head says; and what its body does, where that was read.
    ///
    /// - Parameter path: the request's path as the upstream gets it.
    init(_ head: HTTPRequestHead, _ bytes: Span<UInt8>, path: String, content: [UInt8]?) {
        var methods = [String(decoding: [UInt8](copying: bytes.extracting(head.methodName)), as: UTF8.self)]
        var paths = [RequestPath(path)]
        for field in head.fields where field.name == .other {
            if Self.methodFields.contains(where: { field.isNamed($0, in: bytes) }) {
                methods.append(field.value(in: bytes))
            } else if Self.pathFields.contains(where: { field.isNamed($0, in: bytes) }) {
                paths.append(RequestPath(field.value(in: bytes)))
            }
        }
        self.init(methods: methods, paths: paths, content: Self.content(content, head.fields, bytes))
    }

    private static func content(_ content: [UInt8]?, _ fields: HTTPFields, _ bytes: Span<UInt8>) -> Content {
        guard let content, !content.isEmpty else { return .none }
        for field in fields where field.name == .contentEncoding {
            guard field.value(in: bytes).lowercased() == "identity" else { return .unseen(.encoded) }
        }
        for field in fields where field.name == .contentType && !isUTF8(field.value(in: bytes)) {
            return .unseen(.charset)
        }
        return CallReading.content(content.span)
    }

    /// Of a media type's parameters one may name a character set (RFC 9110 §8.3.2).
    private static func isUTF8(_ type: String) -> Bool {
        let parameters = type.lowercased().split(separator: ";").dropFirst()
        return parameters.allSatisfy { parameter in
            let parts = parameter.split(separator: "=", maxSplits: 1).map {
                $0.filter { $0 != " " && $0 != "\"" && $0 != "\t" }
            }
            return parts.first != "charset" || parts.count == 2 && ["utf-8", "utf8", "us-ascii"].contains(parts[1])
        }
    }
}

/// The header fields in which a request of MCP's 2026-07-28 revision repeats what its body says, so that others may route by them.
enum RoutingFields {
    /// The error that MCP has for fields that say something else than the body (2026-07-28, "Transports").
    private static let headerMismatch: Int64 = -32020

    /// What a request is answered whose fields are there twice, or contradict its one call; `nil` where they agree.
    static func objection(to content: RequestFacts.Content, _ fields: HTTPFields, _ bytes: Span<UInt8>) -> HTTPAnswer? {
        guard case .calls(let calls, _) = content else { return nil }
        func values(_ name: String) -> [String] {
            fields.filter { $0.isNamed(name, in: bytes) }.map { $0.value(in: bytes) }
        }
        let (methods, names) = (values("mcp-method"), values("mcp-name"))
        guard !methods.isEmpty || !names.isEmpty else { return nil }
        if methods.count <= 1, names.count <= 1, let call = calls.first, calls.count == 1,
            methods.allSatisfy({ $0 == call.method }), names.allSatisfy({ call.tool == nil || decode($0) == call.tool })
        {
            return nil
        }
        let error: JSON = .object([
            "code": .integer(headerMismatch), "message": "Mcp-Method or Mcp-Name says something else than the body",
        ])
        return .json(
            400, JSON.object(["jsonrpc": "2.0", "id": calls.first?.id ?? .null, "error": error]).encoded())
    }

    /// A name with characters that no field has comes as `=?base64?…?=`.
    private static func decode(_ value: String) -> String {
        let (start, end) = ("=?base64?", "?=")
        guard value.hasPrefix(start), value.hasSuffix(end), value.utf8.count >= start.utf8.count + end.utf8.count,
            let bytes = Base64.decode(String(value.dropFirst(start.count).dropLast(end.count)))
        else { return value }
        return String(validating: bytes, as: UTF8.self) ?? value
    }
}
