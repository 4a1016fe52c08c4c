import WireTestKit

/// The built program, run in a home of its own.
struct Program {
    /// Holds the state and the recordings in their default places.
    let home: String

    static let shared = Task { try await Program() }

    init() async throws {
        home = try await temporaryDirectory("home")
    }

    func run(_ words: [String], _ variables: [String: String] = [:]) async throws -> CommandResult {
        let own = ["HOME": home, "NO_COLOR": "1", "XDG_STATE_HOME": "", "XDG_DATA_HOME": "", "PGPASSWORD": ""]
        return try await Command(
            try await Self.path(), words, environment: own.merging(variables) { _, given in given }
        ).run()
    }

    static func path() async throws -> String {
        if let path = environment("WIRETRAIL") { return path }
        return try await buildDirectory() + "/wiretrail"
    }
}
