import CLinux
import Glibc
public import Protocols

/// The folder that holds the gateway's key, its trust store and the catalog: mode 0700, owned by us.
public struct StateFolder: Sendable, Hashable {
    public let path: String

    /// Makes the folder when it is missing.
    ///
    /// - Throws: `.refused` when it belongs to somebody else, or others may enter it.
    public init(_ path: String) throws(StoreFault) {
        self.path = path
        try StoreFile.makeFolder(path)
        try Self.checkPrivate(path, permitted: 0o700, remedy: "chmod 700")
    }

    /// The folder as it is, for those who only look; `nil` when there is none.
    ///
    /// - Throws: as `init(_:)`.
    public static func existing(_ path: String) throws(StoreFault) -> StateFolder? {
        guard unsafe access(path, F_OK) == 0 || errno != ENOENT else { return nil }
        return try StateFolder(path)
    }

    public var catalogPath: String { "\(path)/catalog.sqlite" }

    /// The XDG default: `$XDG_STATE_HOME/wiretrail`, else `~/.local/state/wiretrail`.
    public static func defaultPath(environment: (String) -> String?) -> String? {
        // XDG Base Directory Specification: a relative path there is to be ignored.
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return "\(state)/wiretrail" }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        return "\(home)/.local/state/wiretrail"
    }

    /// The text of a file that only its owner may read; `nil` when there is none.
    func readSecret(_ path: String) throws(StoreFault) -> String? {
        guard unsafe access(path, F_OK) == 0 else { return nil }
        try Self.checkPrivate(path, permitted: 0o600, remedy: "chmod 600")
        return try Self.readText(path)
    }

    /// A secret of this folder, made with the first call and the same ever after.
    public func secret(_ name: String, make: () -> [UInt8]) throws(StoreFault) -> Secret {
        let path = "\(path)/\(name)"
        if try readSecret(path) == nil { _ = try writeNew(Hex.encode(make()) + "\n", at: path) }
        let text = try readSecret(path) ?? ""
        guard let bytes = Hex.decode(text.filter { $0 != "\n" }), bytes.count >= 16 else {
            throw .refused(path: path, reason: "does not hold what was written there; remove it")
        }
        return Secret(bytes)
    }

    /// Writes a file of mode 0600 in one step, so that nobody ever sees half of it. False when the name is taken.
    func writeNew(_ text: String, at path: String) throws(StoreFault) -> Bool {
        let draft = "\(path).\(getpid())"
        unsafe unlink(draft)
        defer { unsafe unlink(draft) }
        let file = try StoreFile(draft, .create)
        let bytes = Array(text.utf8)
        try file.write(bytes.span, at: 0)
        try file.sync()
        guard unsafe link(draft, path) == 0 else {
            guard errno == EEXIST else { throw .system(operation: "create", path: path, errno: errno) }
            return false
        }
        try StoreFile.syncFolder(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)))
        return true
    }

    /// A small text file, such as a key.
    static func readText(_ path: String) throws(StoreFault) -> String {
        var bytes: [UInt8] = []
        try StoreFile(path, .read).read(64 << 10, at: 0, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func checkPrivate(_ path: String, permitted: mode_t, remedy: String) throws(StoreFault) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw .system(operation: "examine", path: path, errno: errno) }
        guard status.st_uid == geteuid() else { throw .refused(path: path, reason: "belongs to another user") }
        guard status.st_mode & 0o777 & ~permitted == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw .refused(path: path, reason: "others may open it (mode \(mode)); run: \(remedy) '\(path)'")
        }
    }
}
