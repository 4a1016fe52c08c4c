import Adapters
import Glibc
import Protocols
import Testing
import WireTestKit

@testable import Gateway

@Suite struct SecretFileTests {
    private let folder = ScratchFolder()

    private func credential(_ text: String, mode: mode_t = 0o600) throws -> Settings.Target.Credential {
        let path = folder.path + "/password"
        try write(text, to: path)
        #expect(unsafe chmod(path, mode) == 0)
        return Settings.Target.Credential(user: "a", passwordFile: path, passwordEnvironment: nil)
    }

    @Test(arguments: ["hunter2", "hunter2\n", "hunter2\r\n"])
    func `the line end of the file is no part of the password`(_ text: String) throws {
        let password = try credential(text).password { _ in nil }
        #expect(password?.bytes == Array("hunter2".utf8))
        #expect("\(password as Any)".contains("********"))
    }

    @Test(arguments: [0o604, 0o602, 0o666, 0o777, 0o650] as [mode_t])
    func `a file that others may open is refused`(_ mode: mode_t) throws {
        let credential = try credential("hunter2", mode: mode)
        let error = #expect(throws: FileUnusable.self) { try credential.password { _ in nil } }
        #expect(error?.description.contains("others may open") == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(arguments: ["", "\n", "a\0b"]) func `a file without a password is refused`(_ text: String) throws {
        let credential = try credential(text)
        #expect(throws: FileUnusable.self) { try credential.password { _ in nil } }
    }

    @Test func `a file that has gone is refused, never taken for no password`() throws {
        let credential = try credential("hunter2")
        #expect(unsafe unlink(try #require(credential.passwordFile)) == 0)
        #expect(throws: FileUnusable.self) { try credential.password { _ in nil } }
    }

    @Test func `a pipe that nobody writes to keeps nobody waiting`() throws {
        let path = folder.path + "/pipe"
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let credential = Settings.Target.Credential(user: "a", passwordFile: path, passwordEnvironment: nil)
        #expect(throws: FileUnusable.self) { try credential.password { _ in nil } }
    }

    @Test func `a variable that is not set is refused, never taken for no password`() throws {
        let credential = Settings.Target.Credential(user: "a", passwordFile: nil, passwordEnvironment: "PW")
        #expect(try credential.password { $0 == "PW" ? "hunter2" : nil }?.bytes == Array("hunter2".utf8))
        #expect(throws: FileUnusable.self) { try credential.password { _ in nil } }
        #expect(throws: FileUnusable.self) { try credential.password { _ in "" } }
    }

    @Test func `no password is configured where none is named`() throws {
        #expect(try Settings.Target.Credential().password { _ in "x" } == nil)
    }
}
