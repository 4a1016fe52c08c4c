import Protocols
import Transport

/// The way that a request has come, as far as proxies tell of it who may be believed: whom it comes from, and then each proxy
/// before the gateway's own peer. Empty where it comes from the peer itself.
struct HTTPWay: Sendable, Equatable {
    private(set) var nodes: [ForwardedNode] = []

    /// More than anybody has before a gateway.
    private static let nodesMaximum = 32

    init() {}

    /// Walks back from the gateway's peer, one of `proxies`, for as long as the next one is a proxy to be believed, too: what
    /// stands further left is what somebody says who is none.
    init(
        of head: HTTPRequestHead, _ bytes: Span<UInt8>, through proxies: Settings.Listener.Proxies
    ) throws(HTTPObjection) {
        try walk(head, bytes, proxies)
        nodes.reverse()
    }

    private mutating func walk(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ proxies: Settings.Listener.Proxies
    ) throws(HTTPObjection) {
        for field in head.fields.reversed() where field.name == proxies.field.name {
            let value = [UInt8](copying: bytes.extracting(field.valueRange))
            for found in try Self.nodes(value, proxies).reversed() {
                guard let node = found, nodes.count < Self.nodesMaximum else { throw Self.malformed(proxies) }
                nodes.append(node)
                guard case .address(let address) = node, proxies.contains(address) else { return }
            }
        }
    }

    /// For the recording.
    func remark(by peer: ForwardedNode) -> String {
        guard let caller = nodes.first else { return "from here on the proxy \(peer) speaks for nobody" }
        let through = nodes.dropFirst().map { ", through \($0)" }.joined()
        return "from here on the proxy \(peer) speaks for \(caller)\(through)"
    }

    /// A line's nodes; `nil` in the place of one that is malformed.
    private static func nodes(
        _ value: [UInt8], _ proxies: Settings.Listener.Proxies
    ) throws(HTTPObjection) -> [ForwardedNode?] {
        switch proxies.field {
        case .forwarded:
            var reader = HTTPForwardedReader(value)
            do throws(HTTPForwardedReader.Malformed) {
                return try reader.nodes().map { node in
                    guard let node else { return .unknown }
                    return ForwardedNode(String(decoding: node, as: UTF8.self), allowsBare: false)
                }
            } catch { throw malformed(proxies) }
        case .xForwardedFor:
            let elements = String(decoding: value, as: UTF8.self).split(separator: ",").map {
                $0.split { $0 == " " || $0 == "\t" }
            }
            return elements.filter { !$0.isEmpty }.map { words in
                words.count == 1 ? ForwardedNode(String(words[0]), allowsBare: true) : nil
            }
        }
    }

    /// Whoever could break a proxy's word would come from nowhere.
    private static func malformed(_ proxies: Settings.Listener.Proxies) -> HTTPObjection {
        HTTPObjection(400, "the proxy's \(proxies.field.rawValue) cannot be read")
    }
}
