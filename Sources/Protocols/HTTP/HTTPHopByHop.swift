/// Which fields of a message concern this connection only and are not passed on (RFC 9110 §7.6.1).
public struct HTTPHopByHop: Sendable, Equatable {
    /// Names that Connection lists, besides the known ones, as ranges into the message.
    private var nominated: [Range<Int>] = []

    public init(_ fields: HTTPFields, _ bytes: Span<UInt8>) {
        for field in fields where field.name == .connection {
            var elements = HTTPListReader(field.valueRange)
            while let range = elements.next(bytes) {
                let option = bytes.extracting(range)
                let isNoField = option.isEqualIgnoringCase("close")
                if !isNoField, HTTPFieldName(option) == .other { nominated.append(range) }
            }
        }
    }

    /// What Connection nominates is hop-by-hop, too, but not where it has a meaning for the message: "Connection:
    /// Authorization" takes nothing away.
    public func contains(_ field: HTTPField, _ bytes: Span<UInt8>) -> Bool {
        switch field.name {
        case .connection, .keepAlive, .proxyConnection, .te, .transferEncoding, .upgrade,
            .proxyAuthenticate, .proxyAuthorization:
            return true
        case .other:
            let name = bytes.extracting(field.nameRange)
            for range in nominated where bytes.extracting(range).isEqualIgnoringCase(name) { return true }
            return false
        default: return false
        }
    }
}
