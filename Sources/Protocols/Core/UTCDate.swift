/// A moment as civil UTC, for readers and for names of files. Proleptic Gregorian calendar, no leap seconds.
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
    public var day8601: String { text(appendDay) }

    /// "20261121T041634.123456Z": sorts by time, and is a file name everywhere.
    public var basic8601: String {
        text { output in
            output.append(decimal: year, width: 4)
            for part in [month, day] { output.append(decimal: part, width: 2) }
            output.append(UInt8(ascii: "T"))
            for part in [hour, minute, second] { output.append(decimal: part, width: 2) }
            appendMicroseconds(to: &output)
            output.append(UInt8(ascii: "Z"))
        }
    }

    /// "04:16:34.123456".
    public var time8601: String { text(appendTime) }

    /// "2026-11-21T04:16:34.123456Z".
    public var extended8601: String { text(appendExtended8601) }

    public func appendExtended8601(to output: inout [UInt8]) {
        appendDay(to: &output)
        output.append(UInt8(ascii: "T"))
        appendTime(to: &output)
        output.append(UInt8(ascii: "Z"))
    }

    private func appendDay(to output: inout [UInt8]) {
        output.append(decimal: year, width: 4)
        output.append(UInt8(ascii: "-"))
        output.append(decimal: month, width: 2)
        output.append(UInt8(ascii: "-"))
        output.append(decimal: day, width: 2)
    }

    private func appendTime(to output: inout [UInt8]) {
        output.append(decimal: hour, width: 2)
        output.append(UInt8(ascii: ":"))
        output.append(decimal: minute, width: 2)
        output.append(UInt8(ascii: ":"))
        output.append(decimal: second, width: 2)
        appendMicroseconds(to: &output)
    }

    private func appendMicroseconds(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "."))
        output.append(decimal: nanosecond / 1000, width: 6)
    }

    private func text(_ append: (inout [UInt8]) -> Void) -> String {
        var output: [UInt8] = []
        append(&output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Nanoseconds since 1970 of "2026-11-21", "2026-11-21T04:16", "2026-11-21 04:16:34" or "2026-11-21T04:16:34.123456789Z".
    /// Always UTC. `nil` for anything else, for days that do not exist and for years outside 1970 to 2261.
    public static func wallNanoseconds(parsing text: String) -> Int64? {
        var text = text[...]
        if text.hasSuffix("Z") { text = text.dropLast() }
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "T" || $0 == " " }
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard date.count == 3, let year = digits(date[0], 4), let month = digits(date[1], 2),
            let day = digits(date[2], 2), (1970...2261).contains(year), (1...12).contains(month)
        else { return nil }
        let days = daysFromCivil(year, month, day)
        let midnight = Int64(days) * 86_400_000_000_000
        let check = UTCDate(wallNanoseconds: midnight)
        guard check.month == month, check.day == day else { return nil }
        guard parts.count == 2 else { return midnight }
        return timeOfDay(parts[1]).map { midnight + $0 }
    }

    /// "04:16", "04:16:34" or "04:16:34.5" in nanoseconds.
    private static func timeOfDay(_ text: Substring) -> Int64? {
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let clock = halves[0].split(separator: ":", omittingEmptySubsequences: false).map { digits($0, 2) }
        guard (2...3).contains(clock.count), let hour = clock[0], let minute = clock[1], hour < 24, minute < 60,
            let second = clock.count == 3 ? clock[2] : 0, second < 60
        else { return nil }
        var nanoseconds = 0
        if halves.count == 2 {
            let fraction = halves[1]
            guard clock.count == 3, (1...9).contains(fraction.count),
                let value = digits(fraction + String(repeating: "0", count: 9 - fraction.count), 9)
            else { return nil }
            nanoseconds = value
        }
        return Int64(hour * 3600 + minute * 60 + second) * 1_000_000_000 + Int64(nanoseconds)
    }

    private static func digits(_ text: Substring, _ count: Int) -> Int? {
        guard text.utf8.count == count, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    /// Hinnant, as above, `days_from_civil`.
    private static func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
