/// Durations and sizes as people read them.
enum Amount {
    /// "0.012 s", "3 min 20 s", "2 h 5 min".
    static func duration(nanoseconds: Int64) -> String {
        let milliseconds = max(0, nanoseconds / 1_000_000)
        let seconds = milliseconds / 1000
        if seconds < 60 { return "\(seconds).\(String(String(milliseconds % 1000 + 1000).dropFirst())) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }

    /// "512 B", "3.4 MB", in powers of ten.
    static func size(_ count: UInt64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = count * 10
        var unit = 0
        while value >= 10_000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(count) B" : "\(value / 10).\(value % 10) \(units[unit])"
    }
}
