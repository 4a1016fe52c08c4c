import Protocols

/// What a probe or a scraper asks the monitoring listener for: GET or HEAD, and no content.
struct MonitoringRequest: Sendable, Equatable {
    var isHead: Bool
    /// Without the query.
    var path: String
    /// The Host field; `nil` where HTTP/1.0 leaves it out.
    var host: String?

    enum Parsed: Sendable, Equatable {
        case needsMore
        case request(MonitoringRequest)
        case refused(HTTPStatus)
    }

    private static let limits = {
        var limits = WireLimits()
        limits.headBytes = 8 << 10
        limits.fields = 64
        return limits
    }()

    static func parse(_ bytes: Span<UInt8>) -> Parsed {
        var decoder = HTTPDecoder(limits: limits)
        do throws(WireFault) {
            switch try decoder.step(bytes, .clientToServer) {
            case .message(.request(let head), _), .head(.request(let head), _, _): return parse(head, bytes)
            case .needMore: return .needsMore
            default: return .refused(.badRequest)
            }
        } catch { return .refused(error.code == .limitExceeded ? .headerFieldsTooLarge : .badRequest) }
    }

    private static func parse(_ head: HTTPRequestHead, _ bytes: Span<UInt8>) -> Parsed {
        guard head.method == .get || head.method == .head else { return .refused(.methodNotAllowed) }
        guard head.framing == .none || head.framing == .length(0) else { return .refused(.contentTooLarge) }
        guard head.targetForm == .origin else { return .refused(.badRequest) }
        let target = DisplayText.decode(bytes.extracting(head.target))
        return .request(
            MonitoringRequest(
                isHead: head.method == .head, path: String(target.prefix { $0 != "?" }),
                host: head.fields.value(.host, in: bytes)))
    }
}

extension MonitoringRequest {
    /// Whether Host names this machine's loopback. A web page that has its own name point to 127.0.0.1 (DNS rebinding)
    /// sends that name.
    var namesLoopback: Bool {
        guard let host else { return true }
        let isBracketed = host.hasPrefix("[")
        let name = isBracketed ? host.prefix { $0 != "]" }.dropFirst() : host.prefix { $0 != ":" }
        let rest = isBracketed ? host.drop { $0 != "]" }.dropFirst() : host.drop { $0 != ":" }
        guard rest.isEmpty || rest.first == ":" && rest.dropFirst().allSatisfy(\.isASCIIDigit) else { return false }
        if isBracketed { return name == "::1" }
        if name.lowercased() == "localhost" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
