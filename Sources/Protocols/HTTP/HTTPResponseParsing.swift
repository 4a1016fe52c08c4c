// From a response's lines to its meaning (RFC 9112 §4, §6.3).

extension HTTPResponseHead {
    init(_ reader: HTTPHeadReader, answering request: HTTPRequestQueue.Entry, _ bytes: Span<UInt8>) throws(WireFault) {
        guard case .status(let status, let reason, let version) = reader.startLine else {
            throw WireFault(.malformed, "no status line", .serverToClient)
        }
        let controls = try HTTPControls(reader.fields, version, bytes, .serverToClient)
        self.status = status
        self.reason = reason
        self.version = version
        fields = reader.fields
        framing = try Self.framing(controls, status, request)
        isLast = status >= 200 && (controls.isLast(version) || framing == .untilClose)
        if status == 101 { try Self.checkUpgrade(controls, request) }
    }

    /// RFC 9112 §6.3, in its order. 1xx and 204 must not have either field (RFC 9110 §8.6, RFC 9112 §6.1); a length of 0
    /// is common there, and harmless.
    private static func framing(
        _ controls: HTTPControls, _ status: Int, _ request: HTTPRequestQueue.Entry
    ) throws(WireFault) -> HTTPFraming {
        if status < 200 || status == 204 {
            guard !controls.isChunked, controls.contentLength ?? 0 == 0 else {
                let reason: StaticString = "content announced where the status allows none"
                throw WireFault(.malformed, reason, .serverToClient, at: controls.framingOffset)
            }
            return .none
        }
        if status == 304 || request.method == .head { return .none }
        if request.method == .connect, status < 300 { return .none }
        if controls.isChunked { return .chunked }
        return controls.contentLength.map { .length($0) } ?? .untilClose
    }

    /// RFC 9110 §15.2.2, RFC 6455 §4.1, RFC 7540 §3.2.
    private static func checkUpgrade(
        _ controls: HTTPControls, _ request: HTTPRequestQueue.Entry
    ) throws(WireFault) {
        guard request.upgrade != .none else {
            throw WireFault(.unexpectedMessage, "101 to a request that asked for no upgrade", .serverToClient)
        }
        guard controls.upgrade != .none, request.upgrade == .other || controls.upgrade == request.upgrade else {
            throw WireFault(.malformed, "101 to another protocol than was asked for", .serverToClient)
        }
    }
}
