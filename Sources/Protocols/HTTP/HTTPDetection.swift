extension ProtocolID {
    public static var http: ProtocolID { ProtocolID(rawValue: "http") }
}

/// Tells HTTP/1 from other protocols by a connection's first bytes.
public enum HTTPDetection {
    /// A request line is told by its method and the beginning of its target, an answer by its version.
    public static func detect(client: Span<UInt8>, server: Span<UInt8>) -> Detection {
        let answer = answer(server)
        guard client.count > 0, answer != .yes else { return answer }
        let request = request(client)
        // A capture that begins within a request's content is told by the answers.
        return request == .yes || server.count == 0 ? request : answer
    }

    private static func request(_ client: Span<UInt8>) -> Detection {
        var index = 0
        while index < client.count, client[index].isHTTPToken, index < 32 { index += 1 }
        guard index < client.count else { return .needMore }
        guard index > 0, client[index] == .space else { return .no }
        guard index + 1 < client.count else { return .needMore }
        if HTTPMethod(client.extracting(0..<index)) != .other {
            switch client[index + 1] {
            case UInt8(ascii: "/"), UInt8(ascii: "*"), UInt8(ascii: "h"): return .yes
            default: break
            }
        }
        guard let end = client.firstIndex(of: .carriageReturn, from: index) else {
            return client.count < 8192 ? .needMore : .no
        }
        guard end > index + 9 else { return .no }
        return client.extracting((end - 9)..<(end - 1)).isEqual(" HTTP/1.") ? .yes : .no
    }

    private static func answer(_ server: Span<UInt8>) -> Detection {
        let prefix = "HTTP/1.".utf8.span
        for index in prefix.indices {
            guard index < server.count else { return .needMore }
            guard server[index] == prefix[index] else { return .no }
        }
        return .yes
    }
}
