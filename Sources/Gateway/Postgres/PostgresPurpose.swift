/// What a Postgres client came for.
enum PostgresPurpose: Sendable {
    case session(PostgresStartupRequest, PostgresUpstream)
    case cancel(CancelKey)
}
