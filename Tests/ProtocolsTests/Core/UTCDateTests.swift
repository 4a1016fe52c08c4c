import Protocols
import Testing

@Suite struct UTCDateTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00.000000Z", 0),
            ("2026-11-21T04:16:34.123456Z", 1_795_234_594_123_456_789),
            ("2024-02-29T23:59:59.999999Z", 1_709_251_199_999_999_999),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("2100-03-01T00:00:00.000000Z", 4_107_542_400_000_000_000),
        ] as [(String, Int64)])
    func `nanoseconds since 1970 are shown as civil UTC`(_ text: String, _ nanoseconds: Int64) {
        #expect(UTCDate(wallNanoseconds: nanoseconds).extended8601 == text)
    }

    @Test(
        arguments: [
            ("2026-11-21", 1_795_219_200_000_000_000),
            ("2026-11-21T04:16", 1_795_234_560_000_000_000),
            ("2026-11-21 04:16:34", 1_795_234_594_000_000_000),
            ("2026-11-21T04:16:34.5Z", 1_795_234_594_500_000_000),
            ("2026-11-21T04:16:34.123456789Z", 1_795_234_594_123_456_789),
            ("2024-02-29Z", 1_709_164_800_000_000_000),
        ] as [(String, Int64)])
    func `a written date is read`(_ text: String, _ nanoseconds: Int64) {
        #expect(UTCDate.wallNanoseconds(parsing: text) == nanoseconds)
    }

    @Test(arguments: [
        "", "yesterday", "2026-02-29", "2026-13-01", "2026-00-01", "2026-1-1", "1969-12-31", "9999-01-01",
        "2026-11-21T24:00", "2026-11-21T04", "2026-11-21T04:16.5", "2026-11-21T04:16:34.", "2026-11-21T04:16:60",
        "2026-11-21T04:16:34.1234567890", "2026-11-21T04:16:34+01:00", "+026-11-21",
    ])
    func `what is no date is refused`(_ text: String) {
        #expect(UTCDate.wallNanoseconds(parsing: text) == nil)
    }
}
