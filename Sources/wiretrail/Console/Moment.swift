import Protocols
import Transport

extension Option {
    static let from = Option(
        "from", "TIME", help: "from this time on: 2026-11-21, 2026-11-21T04:16:34Z (UTC), or 10m, 2h, 3d ago")
    static let to = Option("to", "TIME", help: "up to this time, in the same forms")
}

/// The times that a user gives, in nanoseconds since 1970.
struct Moments: Sendable {
    let from: Int64?
    let to: Int64?

    init(_ arguments: Arguments) throws(Failure) {
        from = try Self.parse(arguments[.from], .from)
        to = try Self.parse(arguments[.to], .to)
        if let from, let to, from >= to {
            throw .usage("--from is not before --to, so nothing lies between them", "swap them, or leave one out")
        }
    }

    private static func parse(_ text: String?, _ option: Option) throws(Failure) -> Int64? {
        guard let text else { return nil }
        guard let moment = ago(text) ?? UTCDate.wallNanoseconds(parsing: text) else {
            throw .usage(
                "--\(option.name) cannot be “\(text)”: that is no time",
                "write UTC as 2026-11-21T04:16:34Z or 2026-11-21, or how long ago: 30s, 10m, 2h, 3d")
        }
        return moment
    }

    /// "10m" is ten minutes ago.
    private static func ago(_ text: String) -> Int64? {
        let seconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ seconds[$0] }), let count = Int64(text.dropLast()), count >= 0,
            case (let distance, false) = count.multipliedReportingOverflow(by: unit * 1_000_000_000)
        else { return nil }
        return Timestamp.current().wallNanoseconds - distance
    }
}
