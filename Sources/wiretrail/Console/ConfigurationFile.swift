import Adapters
import Gateway
import Glibc

/// Which configuration file is meant, and what is wrong with it.
enum ConfigurationFile {
    /// Looked at in this order when none is named.
    static let standardPaths = ["wiretrail.yaml", "/etc/wiretrail/wiretrail.yaml"]

    /// Reads the file; every problem is told on standard error before the failure is thrown.
    ///
    /// - Parameter path: as given; `nil` for the first of the standard ones that exists.
    static func read(_ path: String?) throws(Failure) -> (path: String, settings: Settings) {
        let path = if let path { path } else { try standard() }
        do throws(SettingsProblems) {
            return (path, try SettingsFile.read(path) { Environment[$0] })
        } catch { throw report(error) }
    }

    private static func standard() throws(Failure) -> String {
        guard let path = standardPaths.first(where: { unsafe access($0, F_OK) == 0 }) else {
            throw .usage(
                "there is no configuration at \(standardPaths.joined(separator: " or "))",
                "name one; docs/config.md has a complete example")
        }
        return path
    }

    /// Tells all problems but the last, which is the failure.
    private static func report(_ error: SettingsProblems) -> Failure {
        let failures = error.problems.map {
            Failure.usage("\(error.path):\($0.position): \($0.cause)", $0.remedy)
        }
        for failure in failures.dropLast() { Output.report(failure) }
        return failures.last ?? .usage("\(error.path) is not valid", "")
    }
}
