import Glibc
import Protocols

/// A Postgres client that says just what a test tells it, and shows what it is told.
final class WireClient {
    private let descriptor: Int32
    private let port: UInt16
    private var bytes: [UInt8] = []

    struct Lost: Error {}

    /// Connects to 127.0.0.1 and logs in without a password.
    ///
    /// - Parameter parameters: of the startup packet, besides user and database.
    init(port: UInt16, _ parameters: [(name: String, value: String)] = []) async throws {
        let descriptor = try Self.connected(to: port)
        self.descriptor = descriptor
        self.port = port
        let names = [(name: "user", value: "postgres"), (name: "database", value: "postgres")] + parameters
        send(PostgresEncoding.startup(parameters: names.map { ($0.name, Array($0.value.utf8)) }))
        _ = try await answers()
    }

    private static func connected(to port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Lost() }
        return descriptor
    }

    /// Says CancelRequest on a connection of its own, and waits until that is closed.
    func cancel() throws {
        let other = try Self.connected(to: port)
        defer { close(other) }
        var request: [UInt8] = [0, 0, 0, 0, 0x04, 0xD2, 0x16, 0x2E] + cancelKey
        request[3] = UInt8(request.count)
        unsafe Glibc.send(other, request, request.count, Int32(MSG_NOSIGNAL))
        var byte: UInt8 = 0
        unsafe recv(other, &byte, 1, 0)
    }

    deinit { close(descriptor) }

    func send(_ messages: [UInt8]...) {
        let bytes = messages.flatMap { $0 }
        let sent = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        precondition(sent == bytes.count)
    }

    /// One message, in short: its letter, and for D the columns, for C the tag, for E the SQLSTATE, for Z the status.
    func next() async throws -> String {
        let tag = Character(Unicode.Scalar(try await byte(0)))
        _ = try await byte(4)
        let length = bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
        if length > 4 { _ = try await byte(length) }
        let content = Array(bytes[5..<(length + 1)])
        bytes.removeFirst(length + 1)
        switch tag {
        case "D": return "D " + Self.columns(content).joined(separator: ",")
        case "C": return "C " + String(decoding: content.dropLast(), as: UTF8.self)
        case "E": return "E " + (Self.fields(content)["C"] ?? "")
        case "Z": return "Z " + String(decoding: content, as: UTF8.self)
        case "K":
            cancelKey = content
            return "K"
        case "N":
            lastNotice = Self.fields(content)
            return "N"
        default: return String(tag)
        }
    }

    /// Process id and key.
    private(set) var cancelKey: [UInt8] = []

    /// Fields of the last notice, by their letters.
    private(set) var lastNotice: [Character: String] = [:]

    /// Messages up to so many ReadyForQuery, without settings.
    func answers(_ count: Int = 1) async throws -> [String] {
        var answers: [String] = []
        var left = count
        while left > 0 {
            let answer = try await next()
            if answer.hasPrefix("Z") { left -= 1 }
            if !["S", "K", "R"].contains(answer) { answers.append(answer) }
        }
        return answers
    }

    /// What a simple query is answered.
    func query(_ sql: String) async throws -> [String] {
        send(Ask.query(sql))
        return try await answers()
    }

    private func byte(_ index: Int) async throws -> UInt8 {
        while bytes.count <= index {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN {
                // Waiting in recv would hold a thread that other tests need.
                try await Task.sleep(for: .milliseconds(1))
                continue
            }
            guard count > 0 else { throw Lost() }
            bytes += chunk[..<count]
        }
        return bytes[index]
    }

    private static func columns(_ content: [UInt8]) -> [String] {
        var columns: [String] = []
        var rest = content.dropFirst(2)
        while rest.count >= 4 {
            let length = rest.prefix(4).reduce(Int32(0)) { $0 << 8 | Int32($1) }
            rest = rest.dropFirst(4)
            columns.append(length < 0 ? "NULL" : String(decoding: rest.prefix(Int(length)), as: UTF8.self))
            rest = rest.dropFirst(Int(max(0, length)))
        }
        return columns
    }

    private static func fields(_ content: [UInt8]) -> [Character: String] {
        var fields: [Character: String] = [:]
        for field in content.split(separator: 0) {
            fields[Character(Unicode.Scalar(field[field.startIndex]))] = String(
                decoding: field.dropFirst(), as: UTF8.self)
        }
        return fields
    }
}

/// Messages of the extended query protocol, as a test says them.
enum Ask {
    static func query(_ sql: String) -> [UInt8] { PostgresEncoding.query(Array(sql.utf8)) }

    static func parse(_ sql: String, _ name: String = "") -> [UInt8] {
        PostgresEncoding.parse(name: Array(name.utf8), sql: Array(sql.utf8))
    }

    static func bind(_ statement: String = "", portal: String = "", padding: Int = 0) -> [UInt8] {
        let value = [UInt8](repeating: UInt8(ascii: "x"), count: padding)
        var content = Array(portal.utf8) + [0] + Array(statement.utf8) + [0, 0, 0]
        content += padding == 0 ? [0, 0] : [0, 1]
        if padding > 0 { content.appendBE(UInt32(padding)) }
        return message("B", content + value + [0, 0])
    }

    static func describe(portal: String = "") -> [UInt8] { message("D", Array("P\(portal)".utf8) + [0]) }

    static func execute(_ portal: String = "", rows: Int32 = 0) -> [UInt8] {
        PostgresEncoding.execute(portal: Array(portal.utf8), maximumRows: rows)
    }

    static func close(statement: String) -> [UInt8] { message("C", Array("S\(statement)".utf8) + [0]) }

    static func functionCall(_ function: UInt32) -> [UInt8] {
        var content: [UInt8] = []
        content.appendBE(function)
        return message("F", content + [0, 0, 0, 0, 0, 0])
    }

    static let flush = message("H", [])
    static let sync = message("S", [])
    static func copyData(_ text: String) -> [UInt8] { message("d", Array(text.utf8)) }
    static let copyDone = message("c", [])

    /// Parse, Bind, Execute.
    static func run(_ sql: String) -> [UInt8] { parse(sql) + bind() + execute() }

    private static func message(_ tag: Character, _ content: [UInt8]) -> [UInt8] {
        var bytes = [tag.asciiValue ?? 0]
        bytes.appendBE(UInt32(content.count + 4))
        return bytes + content
    }
}
