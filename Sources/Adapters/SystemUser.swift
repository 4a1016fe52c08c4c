import CLinux
import Glibc

/// A user of this machine.
public struct SystemUser: Sendable, Hashable {
    public let uid: UInt32
    /// The login name; the number as text where the user database has none (a container's arbitrary uid).
    public let name: String

    public init(uid: UInt32) {
        self.uid = uid
        name = Self.name(of: uid) ?? String(uid)
    }

    /// Who runs this process.
    public static var current: SystemUser { SystemUser(uid: geteuid()) }

    private static func name(of uid: UInt32) -> String? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer in
            // SAFETY: the entry's strings lie in the buffer, and are copied before it goes.
            guard let start = buffer.baseAddress,
                unsafe getpwuid_r(uid, &entry, start, buffer.count, &found) == 0, unsafe found != nil,
                let name = unsafe entry.pw_name
            else { return nil }
            return unsafe String(cString: name)
        }
    }
}
