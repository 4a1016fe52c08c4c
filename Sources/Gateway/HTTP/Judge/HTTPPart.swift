import Protocols

/// What is left of a batch of calls, some of which the gateway has answered by itself.
struct HTTPPart: Sendable, Equatable {
    /// What goes on in the place of the request's content.
    let content: [UInt8]
    /// The calls in it.
    let calls: [RPCCall]
    /// The gateway's answers, which the client gets with the server's.
    let answers: [JSON]
    /// For the recording.
    let rule: String

    /// As events of a stream.
    var events: [UInt8] {
        answers.reduce(into: []) { $0 += SSEEvent.encode($1.encoded().span, type: "message") }
    }

    /// The server's answers, with the gateway's; `nil` where those are no JSON.
    func merged(with content: [UInt8]) -> [UInt8]? {
        guard !answers.isEmpty else { return content }
        let own = answers.map { $0.encoded() }
        guard !content.isEmpty else { return Self.array(own) }
        guard (try? JSON.parse(content.span, depth: 256)) != nil else { return nil }
        let ranges = JSONRanges(text: content)
        let isArray = content[ranges.root.lowerBound] == UInt8(ascii: "[")
        let theirs = isArray ? ranges.elements(of: ranges.root) : [ranges.root]
        return Self.array(theirs.map { Array(content[$0]) } + own)
    }

    private static func array(_ elements: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + elements.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }
}
