public import Protocols

extension Settings.Target.Credential {
    /// Reads the password anew, so that one that was changed counts from the next connection on.
    ///
    /// - Returns: `nil` when no password is configured.
    /// - Throws: when it is not to be had any more; never holds it.
    public func password(environment: (String) -> String?) throws(FileUnusable) -> Secret? {
        try Self.secret(variable: passwordEnvironment, file: passwordFile, environment)
    }

    /// As ``password(environment:)``.
    public func token(environment: (String) -> String?) throws(FileUnusable) -> Secret? {
        try Self.secret(variable: tokenEnvironment, file: tokenFile, environment)
    }

    private static func secret(
        variable: String?, file: String?, _ environment: (String) -> String?
    ) throws(FileUnusable) -> Secret? {
        if let variable {
            guard let value = environment(variable), !value.isEmpty else {
                throw FileUnusable(
                    SettingsFault(
                        cause: "the environment variable \(variable) is not set",
                        remedy: "set it where the gateway is started"))
            }
            return Secret(Array(value.utf8))
        }
        guard let file else { return nil }
        do throws(SettingsFault) {
            let opened = try OperatorFile.open(file)
            try opened.checkSecret()
            return try withoutLineEnd(try opened.read(limit: 64 << 10), file)
        } catch { throw FileUnusable(error) }
    }

    /// Editors end a file with a line end, which is not meant.
    private static func withoutLineEnd(_ bytes: [UInt8], _ path: String) throws(SettingsFault) -> Secret {
        var password = bytes[...]
        if password.last == UInt8(ascii: "\n") { password.removeLast() }
        if password.last == UInt8(ascii: "\r") { password.removeLast() }
        guard !password.isEmpty, !password.contains(0) else {
            throw SettingsFault(cause: "\(path) holds no secret", remedy: "write it in there, alone on one line")
        }
        return Secret(Array(password))
    }
}
