import CLinux
import Glibc

/// Makes a directory under /tmp, where the paths of Unix sockets stay below their limit of 107 bytes. It is gone some seconds
/// after this process, whoever has removed it or not.
///
/// - Parameter owner: who shall own it where we are root.
public func temporaryDirectory(_ name: String, owner: String? = nil) async throws -> String {
    let path = try await Command("mktemp", ["-d", "\(RunFolder.shared.path)/\(name)-XXXXXX"]).output()
        .trimmingSuffix { $0.isNewline }
    if let owner, isRoot { try await Command("chown", [owner, path]).output() }
    return path
}

/// The folder of one test run. A shell that reads from a pipe whose other end only we hold removes it when we are gone, and
/// again when what we had started has had its time to end.
private struct RunFolder: Sendable {
    static let shared = RunFolder()

    let path: String
    private let leash: Descriptor

    private init() {
        var template = Array("/tmp/wiretrail-XXXXXX".utf8CString)
        path = unsafe String(cString: mkdtemp(&template))
        // Others only pass through: servers that run as another user have their folders in it.
        unsafe chmod(path, 0o711)
        let (reader, writer) = Descriptor.pipe()
        leash = writer
        let script = #"read -r _; rm -rf --one-file-system "$0"; sleep 8; rm -rf --one-file-system "$0""#
        _ = try? spawn(["/bin/sh", "-c", script, path], reader, .null(), .null())
    }
}

public func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
}

public func write(_ bytes: [UInt8], to path: String) throws {
    let number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw FileError.notCreated(path, errno: errno) }
    Descriptor(number).write(bytes)
}

/// A file's text; nil if there is no such file.
public func read(_ path: String) -> String? {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    return String(decoding: Descriptor(number).contents, as: UTF8.self)
}

/// Where SwiftPM put this test program, and `wiretrail` beside it.
public func buildDirectory() async throws -> String {
    let program = try await Command("readlink", ["/proc/\(getpid())/exe"]).output()
    return program.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
}

/// A variable of our own environment.
public func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}

public enum FileError: Error {
    case notCreated(String, errno: Int32)
}

extension String {
    func trimmingSuffix(_ isUnwanted: (Character) -> Bool) -> String {
        var rest = self[...]
        while let last = rest.last, isUnwanted(last) { rest.removeLast() }
        return String(rest)
    }
}

/// Returns once the condition holds.
///
/// - Throws: `WaitedInVain` after a minute, and what the condition throws.
public func until(file: String = #fileID, line: Int = #line, _ condition: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
        if try await condition() { return }
        await pause(milliseconds: 10)
    }
    throw WaitedInVain(file: file, line: line)
}

public struct WaitedInVain: Error {
    public var file: String
    public var line: Int
}

/// Waits between two looks at a condition that no descriptor tells.
func pause(milliseconds: Int) async {
    try? await Task.sleep(for: .milliseconds(milliseconds))
}
