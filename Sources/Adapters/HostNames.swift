import Glibc

/// The names of this machine.
public enum HostNames {
    /// Its own, if it has one that is set.
    public static var own: [String] {
        var bytes = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return [] }
        let name = String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty || name == "localhost" ? [] : [name]
    }
}
