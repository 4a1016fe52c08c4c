/// What a Postgres client came for.
enum PostgresPurpose: Sendable, Equatable {
    case session(PostgresStartupRequest)
    case cancel(CancelKey)
}
