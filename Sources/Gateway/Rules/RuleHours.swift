/// Weekdays and a time of day, in UTC.
public struct RuleHours: Sendable, Hashable {
    public enum Weekday: String, Sendable, Hashable, CaseIterable {
        case mon, tue, wed, thu, fri, sat, sun
    }

    /// Empty: every day.
    public var days: Set<Weekday>
    /// Minutes since midnight; the end is not included. An end that is not after the start is on the next day, which counts
    /// as the day of the start.
    public var start: Int
    public var end: Int

    public init(days: Set<Weekday> = [], start: Int = 0, end: Int = 24 * 60) {
        self.days = days
        self.start = start
        self.end = end
    }

    /// Within one of these minutes since 1970 nothing begins or ends.
    static func minute(of wallNanoseconds: Int64) -> Int { Int(wallNanoseconds / 60_000_000_000) }

    /// - Parameter wallNanoseconds: since 1970-01-01T00:00:00Z, a Thursday.
    public func contains(_ wallNanoseconds: Int64) -> Bool {
        let minutes = Self.minute(of: wallNanoseconds)
        let (day, minute) = (minutes / 1440, minutes % 1440)
        if start < end { return isOn(day) && minute >= start && minute < end }
        return minute >= start ? isOn(day) : minute < end && isOn(day - 1)
    }

    private func isOn(_ day: Int) -> Bool {
        days.isEmpty || days.contains(Weekday.allCases[(day + 3) % 7])
    }

    /// "08:00" in minutes since midnight, up to "24:00"; `nil` for anything else.
    public static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }
}
