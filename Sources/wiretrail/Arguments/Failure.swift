/// Why a command ends without having done what was asked, and what the user can do about it.
struct Failure: Error, Sendable, Hashable {
    var code: ExitCode
    var cause: String
    var remedy: String

    init(_ code: ExitCode, _ cause: String, _ remedy: String) {
        self.code = code
        self.cause = cause
        self.remedy = remedy
    }

    init(_ cause: String, _ remedy: String) { self.init(.failed, cause, remedy) }

    /// The command line itself is wrong.
    static func usage(_ cause: String, _ remedy: String) -> Failure { Failure(.usage, cause, remedy) }
}
