import Adapters
import Gateway
import Glibc

/// Which configuration file is meant, and what is wrong with it.
enum ConfigurationFile {
    /// Looked at in this order when none is named.
    static let standardPaths = ["wiretrail.yaml", "/etc/wiretrail/wiretrail.yaml"]

    /// Everything that is wrong, in the file's order; never empty.
    struct Problems: Error {
        let first: Failure
        var others: [Failure] = []

        /// Tells all problems but one, which is left to be thrown.
        func reported() -> Failure {
            guard let last = others.last else { return first }
            for failure in [first] + others.dropLast() { Output.report(failure) }
            return last
        }
    }

    /// Reads the file; every problem is told on standard error before the failure is thrown.
    ///
    /// - Parameter path: as given; `nil` for the first of the standard ones that exists.
    static func read(_ path: String?) throws(Failure) -> (path: String, settings: Settings) {
        do throws(Problems) { return try load(path) } catch { throw error.reported() }
    }

    /// As `read`, and nothing is told.
    static func load(_ path: String?) throws(Problems) -> (path: String, settings: Settings) {
        let found: String
        do throws(Failure) { found = if let path { path } else { try standard() } } catch {
            throw Problems(first: error)
        }
        do throws(SettingsProblems) {
            return (found, try SettingsFile.read(found) { Environment[$0] })
        } catch {
            let failures = error.problems.map { Failure.usage("\(error.path):\($0.position): \($0.cause)", $0.remedy) }
            throw Problems(
                first: failures.first ?? .usage("\(error.path) is not valid", ""), others: Array(failures.dropFirst()))
        }
    }

    private static func standard() throws(Failure) -> String {
        guard let path = standardPaths.first(where: { unsafe access($0, F_OK) == 0 }) else {
            throw .usage(
                "there is no configuration at \(standardPaths.joined(separator: " or "))",
                "name one; docs/config.md has a complete example")
        }
        return path
    }
}
