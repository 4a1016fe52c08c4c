import Protocols
public import Transport

extension Settings.Listener {
    /// The proxies before a listener of HTTP whose word counts on where a request comes from.
    public struct Proxies: Sendable, Hashable {
        /// Their addresses.
        public var trusted: [AddressRange]
        /// The field that they keep true: what clients write there does not get past them, or stands before their own word.
        public var field: Field

        public enum Field: String, Sendable, CaseIterable {
            /// RFC 7239.
            case forwarded
            case xForwardedFor = "x-forwarded-for"

            var name: HTTPFieldName { self == .forwarded ? .forwarded : .xForwardedFor }
        }

        public init(_ trusted: [AddressRange], _ field: Field) {
            self.trusted = trusted
            self.field = field
        }

        func contains(_ address: SocketAddress) -> Bool { trusted.contains { $0.contains(address) } }
    }
}

extension Settings.Listener.Proxies {
    init?(_ section: SettingsSection) {
        let field: Field? = section.required("field", .word)
        if !section.has("trusted") { section.reportMissing("trusted", "[\(SettingsValue.addressRange.example)]") }
        let trusted = section.list("trusted", .addressRange)
        guard let field else { return nil }
        self.init(trusted, field)
    }
}

extension SettingsValue<AddressRange> {
    /// Whose word counts.
    static let addressRange = SettingsValue("a range of addresses", example: "10.1.0.0/16") {
        text, _ throws(SettingsFault) in
        guard let range = AddressRange(text) else {
            throw SettingsFault(
                cause: "“\(text)” is no range of addresses",
                remedy: "write an address, or its beginning and how many bits that has: 10.1.0.0/16, \"2001:db8::/32\"")
        }
        guard range.prefixLength > 0 else {
            throw SettingsFault(
                cause: "“\(text)” is everybody, and anybody could say whom a request comes from",
                remedy: "write the proxies' own addresses")
        }
        return range
    }
}
