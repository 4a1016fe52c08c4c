import Protocols

/// How long each side of an HTTP connection may be silent.
public struct HTTPTimeLimits: Sendable {
    /// From a request's first byte to the end of its head, however it drips in.
    public var head = Duration.seconds(10)
    /// Within a request's content.
    public var content = Duration.seconds(60)
    /// From the end of a request to its response: tools may work for long, and their clients know when to give up.
    public var response = Duration.seconds(900)
    /// Between two requests.
    public var rest = Duration.seconds(300)

    /// How often a client that waits for a person's answer hears of it: MCP's SDKs ping as often, and proxies wait for longer.
    public var reminder = Duration.seconds(15)

    public init() {}
}

extension HTTPInterceptor {
    var shortestPatience: Duration? {
        min(timeLimits.head, timeLimits.content, timeLimits.response, timeLimits.rest)
    }

    /// Responses that have begun may take for ever, as event streams do; and so may WebSockets.
    func patience(hasBegun: Bool) -> Patience? {
        if isUpgraded { return nil }
        guard let exchange else { return Patience(.client, hasBegun ? timeLimits.head : timeLimits.rest) }
        if exchange.request == .flowing { return Patience(.client, timeLimits.content) }
        return exchange.response == .awaited ? Patience(.server, timeLimits.response) : nil
    }
}
