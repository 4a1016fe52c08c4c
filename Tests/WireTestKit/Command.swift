/// A program to run, with what it is given.
public struct Command: Sendable {
    /// A path, or a name that is looked up in PATH.
    public var executable: String
    public var arguments: [String]
    /// Set on top of this process's own environment.
    public var environment: [String: String]
    /// What the program reads from its standard input before the end of file.
    public var input: String
    /// Runs as this user where we are root, through setpriv; the process id stays the program's own.
    public var user: String?

    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], input: String = "",
        user: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.user = user
    }

    /// The words that are executed; env and setpriv replace themselves by the program, so the process id stays.
    var words: [String] {
        let settings = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let identity =
            user.map { isRoot ? ["setpriv", "--reuid", $0, "--regid", $0, "--init-groups", "--"] : [] } ?? []
        return identity + (settings.isEmpty ? [] : ["env"] + settings) + [executable] + arguments
    }

    /// Runs to the end, whatever the exit status.
    ///
    /// - Throws: `ProcessError.timedOut` (the program is killed) or `.notStarted`.
    public func run(timeoutSeconds: Int = 120) async throws(ProcessError) -> CommandResult {
        let child = try ChildProcess(self)
        let exit = try await child.wait(timeoutSeconds: timeoutSeconds)
        return CommandResult(exit: exit, outputBytes: child.outputBytes, errors: child.errors)
    }

    /// Runs to the end and demands exit status 0.
    ///
    /// - Returns: what the program wrote to its standard output.
    @discardableResult
    public func output(timeoutSeconds: Int = 120) async throws(ProcessError) -> String {
        let result = try await run(timeoutSeconds: timeoutSeconds)
        guard result.exit == .status(0) else {
            throw .failed(words, result.exit, output: result.output, errors: result.errors)
        }
        return result.output
    }
}

/// How a program ended.
public enum Exit: Sendable, Hashable {
    case status(Int32)
    case signal(Int32)
}

/// What a program that ended left behind.
public struct CommandResult: Sendable {
    public var exit: Exit
    public var outputBytes: [UInt8]
    public var errors: String

    public var output: String { String(decoding: outputBytes, as: UTF8.self) }
}

public enum ProcessError: Error, CustomStringConvertible {
    case notStarted([String], errno: Int32)
    case timedOut([String], seconds: Int, output: String, errors: String)
    case failed([String], Exit, output: String, errors: String)

    public var description: String {
        switch self {
        case .notStarted(let words, let errno): "cannot start \(words.joined(separator: " ")): errno \(errno)"
        case .timedOut(let words, let seconds, let output, let errors):
            "\(words.joined(separator: " ")) took more than \(seconds) s\n\(output)\n\(errors)"
        case .failed(let words, let exit, let output, let errors):
            "\(words.joined(separator: " ")) ended with \(exit)\n\(output)\n\(errors)"
        }
    }
}
