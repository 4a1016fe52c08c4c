import Glibc

/// The built `wiretrail` binary, run as its users run it.
public final class WiretrailProcess: Sendable {
    /// Where `wiretrail record` listens on 127.0.0.1.
    public let port: UInt16
    /// Its recordings, its state and its home, removed with the process unless given by the caller.
    public let directory: String
    private let process: ChildProcess

    public var recordings: String { directory + "/recordings" }

    /// A command of the binary beside this test program (or of the one that WIRETRAIL names), with this directory's state.
    public static func command(
        _ words: [String], in directory: String, _ settings: [String: String] = [:]
    ) async throws
        -> Command
    {
        let built = try await buildDirectory() + "/wiretrail"
        return Command(
            environment("WIRETRAIL") ?? built, words + ["--state", directory + "/state"],
            environment: settings.merging(["HOME": directory, "NO_COLOR": "1"]) { given, _ in given })
    }

    /// Starts `wiretrail record` in front of `upstream`, and waits for the address on its first line.
    ///
    /// - Parameters:
    ///   - password: what the upstream wants, handed over in PGPASSWORD.
    ///   - directory: from an earlier process, to start again where that one was killed.
    public static func record(
        _ upstream: String, password: String = "", options: [String] = [], directory: String? = nil
    ) async throws -> WiretrailProcess {
        let own = try await temporaryDirectory("gateway")
        let place = directory ?? own
        let words = ["record", upstream, "--listen", "127.0.0.1:0", "--recordings", place + "/recordings"] + options
        let process = try ChildProcess(
            try await command(words, in: place, password.isEmpty ? [:] : ["PGPASSWORD": password]), scratch: own)
        let line = try await firstLine(of: process)
        guard let port = Self.port(in: line) else { throw WiretrailError.noAddress(line, errors: process.errors) }
        return WiretrailProcess(port, place, process)
    }

    /// Starts `wiretrail gateway` with this configuration, whose relative paths begin in `directory`, and waits for the address
    /// on its first line.
    ///
    /// - Parameters:
    ///   - directory: of mode 0700; the caller removes it.
    ///   - environment: set on top of this process's own.
    public static func gateway(
        _ configuration: String, in directory: String, environment: [String: String] = [:]
    ) async throws -> WiretrailProcess {
        let path = directory + "/wiretrail.yaml"
        try write(configuration, to: path)
        let words = ["gateway", "--config", path, "--recordings", directory + "/recordings"]
        let process = try ChildProcess(try await command(words, in: directory, environment))
        let line = try await firstLine(of: process)
        guard let port = Self.port(in: line) else { throw WiretrailError.noAddress(line, errors: process.errors) }
        return WiretrailProcess(port, directory, process)
    }

    /// SIGHUP: the configuration is read again.
    public func reload(_ configuration: String) throws {
        try write(configuration, to: directory + "/wiretrail.yaml")
        process.signal(SIGHUP)
    }

    private init(_ port: UInt16, _ directory: String, _ process: ChildProcess) {
        self.port = port
        self.directory = directory
        self.process = process
    }

    /// What it has printed and logged so far.
    public var log: String { process.output + process.errors }

    /// SIGTERM: connections end, recordings are sealed.
    @discardableResult
    public func drain(timeoutSeconds: Int = 60) async throws -> Exit {
        process.signal(SIGTERM)
        return try await process.wait(timeoutSeconds: timeoutSeconds)
    }

    /// `kill -9`.
    public func kill() async throws {
        process.signal(SIGKILL)
        try await process.wait(timeoutSeconds: 60)
    }

    /// Runs another `wiretrail` command on this gateway's recordings and keys.
    public func run(_ words: [String]) async throws -> CommandResult {
        try await Self.command(words, in: directory).run()
    }

    private static func firstLine(of process: ChildProcess) async throws -> String {
        for _ in 0..<6000 {
            let lines = process.output.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.count > 1 { return String(lines[0]) }
            guard !process.hasEnded else { break }
            await pause(milliseconds: 10)
        }
        throw WiretrailError.noAddress(process.output, errors: process.errors)
    }

    /// The digits after `127.0.0.1:`.
    private static func port(in line: String) -> UInt16? {
        line.firstRange(of: "127.0.0.1:").flatMap { UInt16(line[$0.upperBound...].prefix { $0.isNumber }) }
    }
}

public enum WiretrailError: Error {
    case noAddress(String, errors: String)
}
