import Glibc
import Protocols
import Testing
import WireTestKit

@testable import Gateway

@Suite struct PostgresPasswordTests {
    private func ask(
        _ url: String, in home: String, _ variables: [String: String] = [:]
    ) throws -> (password: String?, warnings: [String]) {
        let variables = variables.merging(["HOME": home]) { given, _ in given }
        let found = PostgresPassword(for: try PostgresURL(url), user: "alice") { variables[$0] }
        return (found.secret.map { String(decoding: $0.bytes, as: UTF8.self) }, found.warnings)
    }

    @Test func `the URL comes before the variable, and the variable before the file`() async throws {
        let home = try await temporaryDirectory("home")
        try write("db:5432:shop:alice:from file\n", to: home + "/.pgpass")
        try write("*:*:*:*:from other file\n", to: home + "/other")
        let plain = "postgres://alice@db/shop"
        #expect(try ask(plain, in: home) == ("from file", []))
        #expect(try ask(plain, in: home, ["PGPASSFILE": home + "/other"]) == ("from other file", []))
        #expect(try ask(plain, in: home, ["PGPASSWORD": "from variable"]) == ("from variable", []))
        let inURL = try ask("postgres://alice:from-url@db/shop", in: home, ["PGPASSWORD": "from variable"])
        #expect(inURL.password == "from-url")
        #expect(inURL.warnings.count == 1)
        #expect(inURL.warnings.allSatisfy { $0.contains("ps") && !$0.contains("from-url") })
        #expect(try ask("postgres://alice@elsewhere/shop", in: home) == (nil, []))
        try await Command("rm", ["-r", home]).output()
    }

    @Test func `a file that others may read is told of and ignored`() async throws {
        let home = try await temporaryDirectory("home")
        try write("*:*:*:*:secret\n", to: home + "/.pgpass")
        #expect(unsafe chmod(home + "/.pgpass", 0o640) == 0)
        let found = try ask("postgres://alice@db/shop", in: home)
        #expect(found.password == nil)
        #expect(found.warnings.count == 1)
        #expect(found.warnings.allSatisfy { $0.contains("chmod 600") })
        try await Command("rm", ["-r", home]).output()
    }

    @Test func `a folder in the file's place is told of and ignored`() async throws {
        let found = try ask("postgres://alice@db/shop", in: "/", ["PGPASSFILE": "/tmp"])
        #expect(found.password == nil)
        #expect(found.warnings.count == 1)
    }
}
