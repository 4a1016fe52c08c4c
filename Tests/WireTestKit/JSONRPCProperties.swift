import Protocols

/// What must hold for every text that is read as JSON-RPC. The fuzzer and the replay of its finds share it.
public enum JSONRPCProperties {
    /// A sentence on what does not hold, or `nil`.
    public static func violation(_ input: [UInt8]) -> String? {
        guard let json = try? JSON.parse(input.span, depth: 64) else {
            guard (try? JSONRPCContent(input.span)) == nil else { return "JSON-RPC that is no JSON" }
            return nil
        }
        let content = try? JSONRPCContent(input.span)
        guard JSONRPCContent(json) == content else { return "the text and its value differ" }
        guard let content else { return nil }
        guard JSONRPCContent.mayBegin(input.span) else { return "JSON-RPC that does not begin as such" }
        let spelled = json.encoded()
        let again = try? JSONRPCContent(spelled.span)
        guard again == content else { return "another spelling says something else: \(spelled)" }
        guard content.isBatch || content.messages.count == 1 else { return "more than one message, and no batch" }
        return nil
    }
}
