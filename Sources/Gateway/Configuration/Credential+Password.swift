public import Protocols

extension Settings.Target.Credential {
    /// Reads the password anew, so that one that was changed counts from the next connection on.
    ///
    /// - Returns: `nil` when no password is configured.
    /// - Throws: when it is not to be had any more; never holds it.
    public func password(environment: (String) -> String?) throws(FileUnusable) -> Secret? {
        if let passwordEnvironment {
            guard let value = environment(passwordEnvironment), !value.isEmpty else {
                throw FileUnusable(
                    SettingsFault(
                        cause: "the environment variable \(passwordEnvironment) is not set",
                        remedy: "set it where the gateway is started"))
            }
            return Secret(Array(value.utf8))
        }
        guard let passwordFile else { return nil }
        do throws(SettingsFault) {
            let file = try OperatorFile.open(passwordFile)
            try file.checkSecret()
            return try Self.withoutLineEnd(try file.read(limit: 64 << 10), passwordFile)
        } catch { throw FileUnusable(error) }
    }

    /// Editors end a file with a line end, which is not meant.
    private static func withoutLineEnd(_ bytes: [UInt8], _ path: String) throws(SettingsFault) -> Secret {
        var password = bytes[...]
        if password.last == UInt8(ascii: "\n") { password.removeLast() }
        if password.last == UInt8(ascii: "\r") { password.removeLast() }
        guard !password.isEmpty, !password.contains(0) else {
            throw SettingsFault(cause: "\(path) holds no password", remedy: "write it in there, alone on one line")
        }
        return Secret(Array(password))
    }
}
