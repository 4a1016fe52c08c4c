import Protocols

/// Reads what a request's body asks for (JSON-RPC 2.0 §4, §6).
///
/// Strict where parsers differ: what another parser could take for another call is unseen. What no parser takes for JSON-RPC
/// holds no calls.
public enum CallReading {
    /// How far objects and arrays of a body may nest.
    private static let depth = 64

    public static func content(_ body: Span<UInt8>) -> RequestFacts.Content {
        guard couldBeJSON(body) else { return .none }
        guard hasUTF8(body) else { return .unseen(.charset) }
        let json: JSON
        do throws(JSONFault) { json = try JSON.parse(body, depth: depth) } catch { return .unseen(.notJSON(error)) }
        do throws(RequestBlindness) {
            if case .array(let elements) = json {
                var calls: [RPCCall] = []
                for element in elements { if let call = try call(element) { calls.append(call) } }
                return .calls(calls, isBatch: true)
            }
            guard let call = try call(json) else { return isAnswer(json) ? .calls([], isBatch: false) : .none }
            return .calls([call], isBatch: false)
        } catch {
            return .unseen(error)
        }
    }

    /// Whether a parser could take a body that begins so for JSON with members: in UTF-8 or, as RFC 4627 §3 had it, in UTF-16
    /// or UTF-32, with a mark in front or without.
    public static func couldBeJSON(_ beginning: Span<UInt8>) -> Bool {
        for index in 0..<beginning.count {
            switch beginning[index] {
            case 0x20, 0x09, 0x0a, 0x0d, 0x0b, 0x0c: continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): return true
            case 0x00, 0xef, 0xfe, 0xff: return true
            // White space and comments that lenient parsers skip.
            case UInt8(ascii: "/"), UInt8(ascii: "#"), 0xc2, 0xe1, 0xe2, 0xe3: return true
            default: return false
            }
        }
        return false
    }

    private static func hasUTF8(_ body: Span<UInt8>) -> Bool {
        for index in 0..<min(body.count, 4) where [0x00, 0xfe, 0xff].contains(body[index]) { return false }
        return true
    }

    // MARK: One message

    /// `nil` for what asks for nothing: an answer, or no JSON-RPC.
    private static func call(_ json: JSON) throws(RequestBlindness) -> RPCCall? {
        guard case .object(let members) = json else {
            // An array within a batch is no message (§6), and some servers might open it.
            if case .array = json { throw .ambiguousNames }
            return nil
        }
        try check(members, ["jsonrpc", "method", "params", "id", "result", "error"])
        guard let method = members["method"] else { return nil }
        guard let method = method.string else { throw .ambiguousNames }
        let params = members["params"] ?? .object([:])
        guard method == "tools/call" else {
            var call = RPCCall(method, id: members["id"])
            if method == "notifications/cancelled" { call.cancelled = params["requestId"] }
            return call
        }
        guard case .object(let parts) = params else { throw .unnamedTool }
        try check(parts, ["name", "arguments", "_meta", "task"])
        guard let tool = parts["name"]?.string else { throw .unnamedTool }
        var call = RPCCall.tool(tool, parts["arguments"] ?? .object([:]), id: members["id"])
        call.progressToken = parts["_meta"]?["progressToken"]
        return call
    }

    private static func isAnswer(_ json: JSON) -> Bool { json["result"] != nil || json["error"] != nil }

    /// Go's encoding/json takes `Method` for `method`, and the last one wins; it folds K and ſ, too.
    private static func check(_ members: [String: JSON], _ names: [String]) throws(RequestBlindness) {
        for name in members.keys where !names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
            let folded = name.uppercased().lowercased()
            if names.contains(folded) { throw .ambiguousNames }
        }
    }
}
