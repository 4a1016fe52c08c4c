/// What one JSON text carries: a message, or a batch of them (JSON-RPC 2.0 §6).
public struct JSONRPCContent: Sendable, Hashable {
    public var messages: [JSONRPCMessage]
    public var isBatch: Bool
    /// Elements of the batch that are no messages.
    public var invalid: Int

    /// How far a text may nest.
    private static let depth = 64
    /// Messages of one batch that are read; those beyond count as invalid.
    private static let batchMaximum = 1000

    /// Reads a text. `nil` when it is JSON, but no JSON-RPC.
    ///
    /// - Throws: why it is no JSON that all parsers read alike: duplicate keys, depth above 64, bad UTF-8.
    public init?(_ bytes: Span<UInt8>) throws(JSONFault) {
        let json = try JSON.parse(bytes, depth: Self.depth)
        self.init(json)
    }

    public init?(_ json: JSON) {
        guard case .array(let elements) = json else {
            guard let message = JSONRPCMessage(json) else { return nil }
            messages = [message]
            isBatch = false
            invalid = 0
            return
        }
        messages = elements.prefix(Self.batchMaximum).compactMap { JSONRPCMessage($0) }
        guard !messages.isEmpty else { return nil }
        isBatch = true
        invalid = elements.count - messages.count
    }

    /// Whether a text that begins so may be JSON-RPC: an object or an array.
    public static func mayBegin(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices {
            switch bytes[index] {
            case 0x20, 0x09, 0x0a, 0x0d: continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): return true
            default: return false
            }
        }
        return false
    }
}

extension JSONRPCMessage {
    /// `nil` for what is no message: without `"jsonrpc": "2.0"`, or with members that contradict one another.
    public init?(_ json: JSON) {
        guard json["jsonrpc"]?.string == "2.0" else { return nil }
        let id = json["id"].flatMap { JSONRPCID($0) }
        if let method = json["method"] {
            guard let name = method.string, json["result"] == nil, json["error"] == nil else { return nil }
            let call = JSONRPCCall(name, json["params"])
            if let id {
                self = .request(id: id, call)
            } else if json["id"] == nil {
                self = .notification(call)
            } else {
                return nil
            }
            return
        }
        switch (json["result"], json["error"], id) {
        case (let result?, nil, let id?): self = .result(id: id, result)
        case (nil, let error?, _):
            guard let error = JSONRPCError(error) else { return nil }
            self = .failure(id: id, error)
        default: return nil
        }
    }
}

extension JSONRPCError {
    init?(_ json: JSON) {
        guard let code = json["code"]?.integer, let message = json["message"]?.string else { return nil }
        self.init(code: code, message: message, data: json["data"])
    }
}
