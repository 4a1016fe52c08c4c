import Glibc

/// What each thread of this process has cost so far, in nanoseconds of CPU time, by name without its number.
struct ThreadTimes {
    private(set) var byName: [String: UInt64] = [:]

    init() {
        guard let folder = unsafe opendir("/proc/self/task") else { return }
        defer { unsafe closedir(folder) }
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                // SAFETY: readdir(3) ends d_name with a zero byte.
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard !name.hasPrefix("."),
                let time = Self.read("/proc/self/task/\(name)/schedstat").split(separator: " ").first
            else { continue }
            let thread = Self.read("/proc/self/task/\(name)/comm").prefix { !$0.isNumber && !$0.isNewline }
            byName[String(thread), default: 0] += UInt64(time) ?? 0
        }
    }

    static func - (late: ThreadTimes, early: ThreadTimes) -> [String: UInt64] {
        late.byName.reduce(into: [:]) { $0[$1.key] = $1.value &- (early.byName[$1.key] ?? 0) }
    }

    private static func read(_ path: String) -> String {
        let file = unsafe open(path, O_RDONLY)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe Glibc.read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
