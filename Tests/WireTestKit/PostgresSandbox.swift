import CLinux
import Glibc

/// A PostgreSQL 15 server of a test's own, on a port of its own of 127.0.0.1 and on a Unix socket, without durability.
///
/// It runs as user postgres where we are root. It stops with the last reference, or when the test process dies.
public final class PostgresSandbox: Sendable {
    /// A role that may log in over TCP with exactly this method.
    public struct User: Sendable {
        public enum Method: String, Sendable, CaseIterable {
            case trust
            case password
            case md5
            case scram = "scram-sha-256"
        }

        public var name: String
        public var method: Method
        public var password: String
        public var isSuperuser: Bool

        public init(_ name: String, _ method: Method, password: String = "", isSuperuser: Bool = false) {
            self.name = name
            self.method = method
            self.password = password
            self.isSuperuser = isSuperuser
        }
    }

    /// Superuser, trusted over the Unix socket and over TCP.
    public static let superuser = "postgres"

    public var port: UInt16 { reserved.number }
    private let reserved = ReservedPort()
    /// Holds the data directory `data` and the socket `.s.PGSQL.<port>`.
    public let directory: String
    private let server: ChildProcess

    /// The paths of a certificate and its key, in PEM.
    public struct Certificate: Sendable {
        public var chain: String
        public var key: String

        public init(chain: String, key: String) {
            self.chain = chain
            self.key = key
        }
    }

    /// Starts a server with these roles and with these lines of postgresql.conf, and waits until it answers.
    ///
    /// - Parameter certificate: with which it speaks TLS.
    public static func start(
        users: [User] = [], settings: [String: String] = [:], certificate: Certificate? = nil
    ) async throws -> PostgresSandbox {
        let template = try await PostgresTemplate.shared.get()
        let sandbox = try await PostgresSandbox(template, users, settings, certificate)
        try await sandbox.create(users)
        return sandbox
    }

    private init(
        _ template: String, _ users: [User], _ settings: [String: String], _ certificate: Certificate?
    ) async throws {
        directory = try await temporaryDirectory("pg", owner: PostgresTemplate.owner)
        let data = directory + "/data"
        try await Command("cp", ["-a", "--reflink=auto", template, data]).output()
        try write(Self.access(users), to: data + "/pg_hba.conf")
        if let certificate { try await Self.install(certificate, in: data) }
        let defaults = [
            "ssl": certificate == nil ? "off" : "on",
            "listen_addresses": "127.0.0.1", "port": "\(reserved.number)", "unix_socket_directories": directory,
            "fsync": "off", "shared_buffers": "16MB", "autovacuum": "off", "log_min_messages": "warning",
        ]
        let options = defaults.merging(settings) { $1 }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        server = try ChildProcess(
            Command(PostgresTemplate.program("postgres"), ["-D", data] + options, user: PostgresTemplate.owner),
            scratch: directory)
        guard await Self.isReady(server, data + "/postmaster.pid") else {
            throw PostgresSandboxError.notStarted(log: server.errors)
        }
    }

    /// Where the server looks for them, and as it wants them.
    private static func install(_ certificate: Certificate, in data: String) async throws {
        let owner = isRoot ? ["-o", PostgresTemplate.owner] : []
        for (source, target) in [(certificate.chain, "server.crt"), (certificate.key, "server.key")] {
            try await Command("install", ["-m", "600"] + owner + [source, data + "/" + target]).output()
        }
    }

    /// What the server has logged so far.
    public var log: String { server.errors }

    /// Runs psql over the Unix socket as superuser, stops at the first error, and returns unaligned rows.
    @discardableResult
    public func psql(_ sql: String, database: String = "postgres") async throws -> String {
        try await Command("psql", ["-v", "ON_ERROR_STOP=1"] + place + ["-d", database], input: sql).output()
    }

    /// What psql is told to reach the server over its Unix socket as superuser, for unaligned rows.
    public var place: [String] {
        ["-XqAt", "-h", directory, "-p", "\(port)", "-U", Self.superuser, "-d", "postgres"]
    }

    /// The server as it comes after a power loss: no checkpoint, connections cut.
    public func kill() {
        server.signal(SIGKILL)
    }

    private func create(_ users: [User]) async throws {
        guard !users.isEmpty else { return }
        try await psql(
            users.map {
                """
                SET password_encryption = '\($0.method == .md5 ? "md5" : "scram-sha-256")';
                CREATE ROLE "\($0.name)" LOGIN \($0.isSuperuser ? "SUPERUSER" : "") PASSWORD \
                \($0.password.isEmpty ? "NULL" : "'\($0.password)'");
                """
            }.joined(separator: "\n"))
    }

    private static func access(_ users: [User]) -> String {
        let lines = users.map { "host all \"\($0.name)\" 127.0.0.1/32 \($0.method.rawValue)" }
        return (["local all all trust"] + lines + ["host all \(superuser) 127.0.0.1/32 trust", ""])
            .joined(separator: "\n")
    }

    /// postmaster.pid says `ready` in its eighth line once connections are accepted.
    private static func isReady(_ server: ChildProcess, _ statusFile: String) async -> Bool {
        for _ in 0..<6000 where !server.hasEnded {
            if read(statusFile)?.contains("ready") == true { return true }
            await pause(milliseconds: 10)
        }
        return false
    }
}

public enum PostgresSandboxError: Error {
    case notStarted(log: String)
}

/// One initdb per build directory; every sandbox starts from a copy.
actor PostgresTemplate {
    static let shared = PostgresTemplate()
    static let owner = "postgres"

    private var making: Task<String, any Error>?

    static func program(_ name: String) -> String { "/usr/lib/postgresql/15/bin/" + name }

    func get() async throws -> String {
        let task = making ?? Task { try await Self.make() }
        making = task
        return try await task.value
    }

    /// Another test run may make one at the same time; the first rename wins.
    private static func make() async throws -> String {
        let cached = try await buildDirectory() + "/postgres-template"
        guard read(cached + "/PG_VERSION") == nil else { return cached }
        let scratch = try await temporaryDirectory("pg-template", owner: owner)
        try await Command(
            program("initdb"),
            ["-D", scratch + "/data", "-U", PostgresSandbox.superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
                + ["--wal-segsize=1", "--no-sync", "--no-instructions"],
            user: owner
        ).output()
        _ = try await Command("mv", ["-nT", scratch + "/data", cached]).run()
        try await Command("rm", ["-rf", scratch]).output()
        return cached
    }
}
