// From a request's lines to its meaning (RFC 9112 §3, RFC 9110 §7).

extension HTTPRequestHead {
    init(_ reader: HTTPHeadReader, _ bytes: Span<UInt8>) throws(WireFault) {
        guard case .request(let methodName, let target, let version) = reader.startLine else {
            throw WireFault(.malformed, "no request line", .clientToServer)
        }
        let controls = try HTTPControls(reader.fields, version, bytes, .clientToServer)
        method = HTTPMethod(bytes.extracting(methodName))
        self.methodName = methodName
        self.target = target
        self.version = version
        fields = reader.fields
        isLast = controls.isLast(version)
        framing = controls.isChunked ? .chunked : controls.contentLength.map { .length($0) } ?? .none
        // A WebSocket begins with a GET without content (RFC 6455 §4.1).
        let isPlainGet = method == .get && framing == .none
        upgrade = controls.upgrade == .webSocket && !isPlainGet ? .other : controls.upgrade
        targetForm = try Self.form(of: target, method, bytes)
        try checkAuthority(controls.host, bytes)
        if method == .connect, framing != .none {
            throw WireFault(.malformed, "CONNECT with content", .clientToServer, at: controls.framingOffset)
        }
    }

    /// RFC 9112 §3.2. A fragment is no part of any form.
    private static func form(
        of target: Range<Int>, _ method: HTTPMethod, _ bytes: Span<UInt8>
    ) throws(WireFault) -> TargetForm {
        for index in target where bytes[index] == UInt8(ascii: "#") {
            throw WireFault(.malformed, "a fragment in the request target", .clientToServer, at: index)
        }
        if method == .connect { return .authority }
        let first = bytes[target.lowerBound]
        if first == UInt8(ascii: "/") { return .origin }
        if first == UInt8(ascii: "*"), target.count == 1, method == .options { return .asterisk }
        guard schemeLength(target, bytes) > 0 else {
            let reason: StaticString = "a request target of no form that its method has"
            throw WireFault(.malformed, reason, .clientToServer, at: target.lowerBound)
        }
        return .absolute
    }

    /// The length of "http://" or "https://"; 0 where neither stands.
    private static func schemeLength(_ target: Range<Int>, _ bytes: Span<UInt8>) -> Int {
        for scheme in ["http://", "https://"] where target.count > scheme.utf8.count {
            let prefix = target.lowerBound..<(target.lowerBound + scheme.utf8.count)
            if bytes.extracting(prefix).isEqualIgnoringCase(scheme) { return prefix.count }
        }
        return 0
    }

    /// Where the target's authority stands; `nil` in the forms without one.
    public func authority(_ bytes: Span<UInt8>) -> Range<Int>? {
        switch targetForm {
        case .origin, .asterisk: return nil
        case .authority: return target
        case .absolute:
            let start = target.lowerBound + Self.schemeLength(target, bytes)
            var end = start
            while end < target.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
            return start..<end
        }
    }

    /// Exactly one Host in HTTP/1.1, and none that the target contradicts (RFC 9112 §3.2, §3.2.2).
    private func checkAuthority(_ host: HTTPField?, _ bytes: Span<UInt8>) throws(WireFault) {
        if let host { try HTTPAuthority.check(host.valueRange, bytes) }
        if host == nil, version == .http11 {
            throw WireFault(.malformed, "HTTP/1.1 without Host", .clientToServer, at: target.lowerBound)
        }
        guard let authority = authority(bytes) else { return }
        let port = try HTTPAuthority.check(authority, bytes)
        if targetForm == .authority, port.isEmpty {
            throw WireFault(.malformed, "CONNECT without a port", .clientToServer, at: target.lowerBound)
        }
        guard let host else { return }
        guard bytes.extracting(authority).isEqualIgnoringCase(bytes.extracting(host.valueRange)) else {
            let reason: StaticString = "a Host that contradicts the request target"
            throw WireFault(.malformed, reason, .clientToServer, at: host.valueRange.lowerBound)
        }
    }
}

/// `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2), without user information.
enum HTTPAuthority {
    /// The range of the port's digits; empty where there are none.
    @discardableResult
    static func check(_ range: Range<Int>, _ bytes: Span<UInt8>) throws(WireFault) -> Range<Int> {
        var index = range.lowerBound
        if !range.isEmpty, bytes[index] == UInt8(ascii: "[") {
            index += 1
            while index < range.upperBound, isAddress(bytes[index]) { index += 1 }
            guard index < range.upperBound, bytes[index] == UInt8(ascii: "]"), index > range.lowerBound + 1 else {
                throw fault(at: index)
            }
            index += 1
        } else {
            while index < range.upperBound, isName(bytes[index]) { index += 1 }
            guard index > range.lowerBound else { throw fault(at: index) }
        }
        guard index < range.upperBound else { return index..<index }
        guard bytes[index] == UInt8(ascii: ":") else { throw fault(at: index) }
        let port = (index + 1)..<range.upperBound
        guard port.count <= 5 else { throw fault(at: port.lowerBound) }
        for place in port where !bytes[place].isDigit { throw fault(at: place) }
        return port
    }

    private static func fault(at index: Int) -> WireFault {
        WireFault(.malformed, "a host that is none", .clientToServer, at: index)
    }

    /// `unreserved / pct-encoded`; of `sub-delims` none is in a name that resolves.
    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"): true
        default: byte.isDigit || (byte | 0x20) &- 0x61 < 26
        }
    }

    /// IPv6 with an IPv4 tail.
    private static func isAddress(_ byte: UInt8) -> Bool {
        Hex.digit(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }
}
