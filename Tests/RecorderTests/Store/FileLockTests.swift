import Glibc
import Testing
import WireTestKit

@testable import Recorder

@Suite struct FileLockTests {
    private let scratch = ScratchFolder()

    @Test func `one owner at a time, seen by all others`() throws {
        let path = scratch.path + "/file"
        let owner = try StoreFile(path, .create)
        let rival = try StoreFile(path, .readWrite)
        let reader = try StoreFile(path, .read)
        let owns = [try owner.lock(), try rival.lock()]
        let isSeen = reader.isLocked()
        #expect(owns == [true, false] && isSeen)
    }

    @Test func `the lock ends with its file, though a forked child has copies of the descriptor`() throws {
        let path = scratch.path + "/file"
        func own() throws -> Int32 {
            let owner = try StoreFile(path, .append)
            let owns = try owner.lock()
            #expect(owns)
            return dup(owner.descriptor)
        }
        let copy = try own()
        defer { close(copy) }
        let isSeen = try StoreFile(path, .read).isLocked()
        #expect(!isSeen)
        close(try own())
    }

    @Test func `looking at a lock never keeps an owner out`() async throws {
        let path = scratch.path + "/file"
        try write("", to: path)
        async let looking: Void = {
            let reader = try StoreFile(path, .read)
            for _ in 0..<20_000 { _ = reader.isLocked() }
        }()
        var taken = 0
        for _ in 0..<20_000 where try StoreFile(path, .readWrite).lock() { taken += 1 }
        try await looking
        #expect(taken == 20_000)
    }
}
