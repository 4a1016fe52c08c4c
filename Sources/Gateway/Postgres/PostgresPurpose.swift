/// What a Postgres client came for.
enum PostgresPurpose: Sendable {
    case session(PostgresStartupRequest, PostgresRoute)
    /// The session whose query is to be cancelled; `nil`: the key is of none.
    case cancel(CancelRegistry.Session?)
}
