import Protocols

// Values that only HTTP has.

extension SettingsValue<String> {
    /// Where a target begins on its listeners.
    static let routePath = SettingsValue("a path", example: "/files") { text, _ throws(SettingsFault) in
        let bare = text.hasSuffix("/") && text != "/" ? String(text.dropLast()) : text
        guard text.hasPrefix("/"), !RequestPath(bare).isAmbiguous, !text.contains("%"), !text.contains("*") else {
            throw SettingsFault(
                cause: "“\(text)” is no beginning of a path", remedy: "write it from the first “/” on, without escapes")
        }
        guard !bare.hasPrefix("/.well-known") else {
            throw SettingsFault(
                cause: "what lies under /.well-known is the gateway's own", remedy: "take another path")
        }
        return bare
    }

    /// A name as it stands in Host, without a port.
    static let hostName = SettingsValue("a host's name", example: "gateway.example") { text, _ throws(SettingsFault) in
        let name = text.lowercased()
        guard name.wholeMatch(of: /[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]/) == nil else { return name }
        throw SettingsFault(
            cause: "“\(text)” is no host's name", remedy: "write the name alone: no scheme, no port, no “*”")
    }

    /// Of a query, as it stands there without escapes.
    static let parameterName = SettingsValue("a parameter's name", example: "ticket") { text, _ throws(SettingsFault) in
        let isName = text.wholeMatch(of: /[A-Za-z0-9._~\[\]-]+/) != nil && text.utf8.count <= QuerySecrets.nameMaximum
        guard !isName else { return text }
        throw SettingsFault(
            cause: "“\(text)” is no parameter's name", remedy: "write the name alone, as in ?name=value: ticket")
    }

    /// Where a page comes from (RFC 6454 §6.2).
    static let origin = SettingsValue("an origin", example: "https://app.example") { text, _ throws(SettingsFault) in
        let isURL = text.wholeMatch(of: /https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?/) != nil
        guard !isURL else { return text }
        throw SettingsFault(
            cause: "“\(text)” is no origin of a page",
            remedy: "write scheme, host and port as browsers send them: https://app.example"
        )
    }

    /// A field that may carry a credential (RFC 9110 §5.1).
    static let fieldName = SettingsValue("a field's name", example: "X-Api-Key") { text, _ throws(SettingsFault) in
        guard text.wholeMatch(of: /[A-Za-z][A-Za-z0-9_-]*/) != nil else { return nil }
        let taken = ["host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer"]
        guard !taken.contains(text.lowercased()) else {
            throw SettingsFault(cause: "\(text) says how a request is read", remedy: "name the field of the credential")
        }
        return text
    }
}
