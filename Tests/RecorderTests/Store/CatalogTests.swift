import Adapters
import Protocols
import Recorder
import Testing
import WireTestKit

@Suite struct CatalogTests {
    let scratch = ScratchFolder()
    let state: StateFolder
    let folder: RecordingsFolder

    init() throws {
        state = try StateFolder("\(scratch.path)/state")
        folder = try RecordingsFolder("\(scratch.path)/recordings")
    }

    /// Three sealed recordings and one that is open.
    private func record() throws {
        for session: UInt64 in 1...4 {
            var sample = RecordingSample(session: session)
            _ = try sample.write(in: folder, key: session == 4 ? nil : RecordingSample.key())
        }
    }

    private func current() throws -> Catalog { try Catalog.current(state, folder).catalog }

    @Test func `An entry holds what the file tells`() throws {
        try record()
        let entries = try current().list()
        #expect(entries.map(\.sessionNumber).sorted() == [1, 2, 3, 4])
        let first = try #require(entries.first { $0.sessionNumber == 1 })
        let end = try #require(try RecordingReader("\(folder.path)/\(first.path)").end)
        #expect(first.recording == RecordingSample.id(1))
        #expect((first.identity, first.method) == ("alice", "scram-sha-256"))
        #expect((first.target, first.protocolName, first.client) == ("orders", "postgres", "127.0.0.1:50000"))
        #expect(first.startWallNanoseconds == RecordingSample.startWall)
        #expect(first.endWallNanoseconds == end.lastWallNanoseconds)
        #expect((first.bytes, first.records, first.state) == (end.offsets, 24, .closed))
        let open = try #require(entries.first { $0.sessionNumber == 4 })
        #expect(open.state == .open && open.endWallNanoseconds == nil && open.identity == "alice")
    }

    @Test func `Every filter leaves out what does not fit`() throws {
        try record()
        let catalog = try current()
        func sessions(_ change: (inout CatalogFilter) -> Void) throws -> [UInt64] {
            var filter = CatalogFilter()
            change(&filter)
            return try catalog.list(filter).map(\.sessionNumber).sorted()
        }
        #expect(try sessions { $0.from = RecordingSample.startWall } == [1, 2, 3, 4])
        #expect(try sessions { $0.from = RecordingSample.wall + 3_600_000_000_000 } == [4])
        #expect(try sessions { $0.to = RecordingSample.startWall } == [])
        #expect(try sessions { $0.to = RecordingSample.startWall + 1 } == [1, 2, 3, 4])
        #expect(try sessions { $0.identity = "alice" } == [1, 2, 3, 4])
        #expect(try sessions { $0.identity = "alic_" } == [])
        #expect(try sessions { $0.target = "orders" }.count == 4)
        #expect(try sessions { $0.target = "others" } == [])
        #expect(try sessions { $0.protocolName = "ssh" } == [])
        #expect(try sessions { $0.state = .open } == [4])
        #expect(try sessions { $0.limit = 2 }.count == 2)
    }

    @Test func `A recording is found by its number, its name, and how that begins`() throws {
        try record()
        let catalog = try current()
        let name = RecordingSample.id(2).description
        #expect(try catalog.lookup("2").map(\.recording) == [RecordingSample.id(2)])
        #expect(try catalog.lookup(name).map(\.recording) == [RecordingSample.id(2)])
        #expect(try catalog.lookup(name.uppercased()).map(\.recording) == [RecordingSample.id(2)])
        #expect(try catalog.lookup(String(name.prefix(13))).count == 4)
        #expect(try catalog.lookup("%").isEmpty)
    }

    @Test func `A recorder enters what it seals`() throws {
        let recorder = try Recorder(RecorderConfiguration(state: state.path, recordings: folder.path, lanes: 1))
        let time = Timestamp(monotonicNanoseconds: 1, wallNanoseconds: RecordingSample.wall)
        let start = StartFacts(
            protocolID: ProtocolID(rawValue: "postgres"), client: "unix", listener: "127.0.0.1:6432", target: "orders",
            software: "wiretrail test", sessionNumber: 0, previousLedgerHash: [])
        let recording = try recorder.lanes[0].begin(start, at: time)
        recording.finish("test", at: time)
        recorder.shutdown()
        let entries = try Catalog.open(state).list()
        #expect(entries.map(\.sessionNumber) == [1] && entries.map(\.state) == [.closed])
    }

    @Test func `What is sealed or removed later is taken in`() throws {
        try record()
        let open = try #require(try current().list().first { $0.state == .open })
        let path = "\(folder.path)/\(open.path)"
        guard case .open(let writer, _, _) = try RecordingWriter.resume(path) else {
            Issue.record("the recording is not open")
            return
        }
        _ = try writer.seal(.interrupted, sessionNumber: 4, key: RecordingSample.key())
        #expect(try current().lookup("4").first?.state == .interrupted)
        ScratchFolder.remove(path)
        #expect(try current().lookup("4").isEmpty)
    }

    enum Damage: CaseIterable { case garbage, cut, empty, otherVersion, insidePages }

    @Test(arguments: Damage.allCases)
    func `A catalog that cannot be used is made again`(damage: Damage) async throws {
        try record()
        let before = try current().list()
        var bytes = Disk.read(state.catalogPath)
        switch damage {
        case .garbage: bytes = [UInt8](repeating: 0x2e, count: 8192)
        case .cut: bytes.removeLast(bytes.count / 2)
        case .empty: bytes = []
        // SQLite Database File Format §1.3: the user version stands at 60.
        case .otherVersion: bytes[63] = 99
        case .insidePages: for index in 4096..<bytes.count { bytes[index] = 0xff }
        }
        Disk.write(bytes, to: state.catalogPath)
        #expect(try current().list() == before)
    }

    @Test func `A file that is no recording is named, and the others are listed`() throws {
        try record()
        Disk.write(Array("nothing of ours".utf8), to: "\(folder.path)/stray.wtr")
        let (catalog, unreadable) = try Catalog.current(state, folder)
        #expect(unreadable == ["\(folder.path)/stray.wtr"])
        #expect(try catalog.list().count == 4)
    }
}
