import Protocols

/// The lines of a password file: `hostname:port:database:username:password` (PostgreSQL manual §34.16).
enum PostgresPassFile {
    /// Nobody's file is longer; in bytes.
    static let byteCountMaximum = 1 << 20

    /// Whose password is wanted.
    struct Question: Sendable {
        var host: String
        var port: String
        var database: String
        var user: String

        init(host: String, port: UInt16, database: String, user: String) {
            (self.host, self.port, self.database, self.user) = (host, String(port), database, user)
        }

        init(_ url: PostgresURL, user: String) {
            // libpq (fe-connect.c, passwordFromFile): the socket in the default folder is called localhost.
            let host = url.host == "/var/run/postgresql" ? "localhost" : url.host
            self.init(host: host, port: url.port, database: url.database ?? user, user: user)
        }
    }

    /// The password of the first line that fits.
    static func password(in bytes: [UInt8], for question: Question) -> Secret? {
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            var rest = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            let wanted = [question.host, question.port, question.database, question.user]
            guard wanted.allSatisfy({ fits(field(&rest), $0) }), let password = field(&rest), !password.isEmpty else {
                continue
            }
            return Secret(unescape(password))
        }
        return nil
    }

    private static func fits(_ field: [UInt8]?, _ wanted: String) -> Bool {
        field.map { $0 == [UInt8(ascii: "*")] || unescape($0) == Array(wanted.utf8) } ?? false
    }

    /// Takes the bytes up to the next colon that no backslash stands before; `nil` at the end of the line.
    private static func field(_ line: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard !line.isEmpty else { return nil }
        var field: [UInt8] = []
        while let byte = line.popFirst(), byte != UInt8(ascii: ":") {
            field.append(byte)
            if byte == UInt8(ascii: "\\"), let next = line.popFirst() { field.append(next) }
        }
        return field
    }

    private static func unescape(_ field: [UInt8]) -> [UInt8] {
        var rest = field[...]
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            bytes.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
        }
        return bytes
    }
}
