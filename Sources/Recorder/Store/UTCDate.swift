/// A moment as civil UTC, for names of files and folders. Proleptic Gregorian calendar, no leap seconds.
public struct UTCDate: Sendable, Hashable {
    public var year: Int
    public var month: Int
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var nanosecond: Int

    /// - Parameter wallNanoseconds: since 1970-01-01T00:00:00Z.
    public init(wallNanoseconds: Int64) {
        let (seconds, nanoseconds) = Self.divide(Int(wallNanoseconds), 1_000_000_000)
        let (days, rest) = Self.divide(seconds, 86_400)
        (hour, minute, second, nanosecond) = (rest / 3600, rest / 60 % 60, rest % 60, nanoseconds)
        // Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days: years begin in March.
        let (era, dayOfEra) = Self.divide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Rounds down, as dates before 1970 need it.
    private static func divide(_ value: Int, _ divisor: Int) -> (quotient: Int, rest: Int) {
        let rest = (value % divisor + divisor) % divisor
        return ((value - rest) / divisor, rest)
    }

    /// "2026-11-21".
    public var day8601: String { "\(Self.pad(year, 4))-\(Self.pad(month))-\(Self.pad(day))" }

    /// "20261121T041634.123456Z": sorts by time, and is a file name everywhere.
    public var basic8601: String {
        "\(Self.pad(year, 4))\(Self.pad(month))\(Self.pad(day))T\(Self.pad(hour))\(Self.pad(minute))\(Self.pad(second))"
            + ".\(Self.pad(nanosecond / 1000, 6))Z"
    }

    /// "2026-11-21T04:16:34.123456Z".
    public var extended8601: String {
        "\(day8601)T\(Self.pad(hour)):\(Self.pad(minute)):\(Self.pad(second)).\(Self.pad(nanosecond / 1000, 6))Z"
    }

    private static func pad(_ value: Int, _ width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
