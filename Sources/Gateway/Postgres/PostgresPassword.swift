import Glibc
public import Protocols

/// The password for the upstream, from the places where psql looks for it: the URL, PGPASSWORD, the password file
/// (PostgreSQL manual §34.16, "The Password File").
public struct PostgresPassword: Sendable {
    /// `nil` when there is none: the server may not want one.
    public var secret: Secret?
    /// What the user should know; never holds the password.
    public var warnings: [String] = []

    /// - Parameters:
    ///   - user: who the gateway logs in as.
    ///   - environment: gives variables by their names.
    public init(for url: PostgresURL, user: String, environment: (String) -> String?) {
        if let password = url.password {
            secret = password
            warnings.append(
                "the password in the URL is visible to every user of this machine (ps); put it into ~/.pgpass")
        } else if let password = environment("PGPASSWORD"), !password.isEmpty {
            secret = Secret(Array(password.utf8))
        } else if let path = Self.path(environment) {
            readFile(path, PostgresPassFile.Question(url, user: user))
        }
    }

    private static func path(_ environment: (String) -> String?) -> String? {
        if let path = environment("PGPASSFILE"), !path.isEmpty { return path }
        return environment("HOME").map { "\($0)/.pgpass" }
    }

    /// As libpq: a file that others may read, or that is no plain file, is told of and left alone.
    private mutating func readFile(_ path: String, _ question: PostgresPassFile.Question) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno != ENOENT { warnings.append("\(path) cannot be read, so no password comes from it") }
            return
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return warnings.append("\(path) is no plain file, so no password comes from it")
        }
        guard status.st_mode & 0o077 == 0 else {
            return warnings.append("\(path) may be read by others, so it is ignored; run: chmod 600 '\(path)'")
        }
        secret = PostgresPassFile.password(in: Self.contents(descriptor), for: question)
    }

    private static func contents(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < PostgresPassFile.byteCountMaximum {
            // SAFETY: the chunk has room for as many bytes as are asked for.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
