import Protocols
import Recorder
import Testing

@Suite struct RecorderTests {
    @Test func `one connection becomes one sealed recording, byte for byte and in order`() async throws {
        let rig = RecorderRig()
        let recorder = try rig.recorder()
        let recording = try recorder.lanes[0].begin(.test, at: .now)
        let identity = Identity(subject: "alice", method: "peer-uid", facts: ["uid": "1000"])
        try recording.identity(identity, at: .now)
        let (question, answer) = (Array("question".utf8), Array("answer".utf8))
        _ = try recording.data(question.span, .clientToServer, stream: 0, at: .now)
        _ = try recording.data(answer.span, .serverToClient, stream: 0, at: .now)
        let note = Annotation(.redaction, .clientToServer, range: 0..<8, reason: "a secret")
        try recording.note(note, at: .now)
        recording.finish("the client left", at: .now)
        recorder.shutdown()

        let paths = try rig.recordings()
        #expect(paths.count == 1)
        let read = try ReadRecording(paths[0])
        #expect(read.id == recording.id)
        #expect(read.end?.cause == .closed)
        #expect(read.types == [.start, .identity, .data, .data, .note, .note])
        #expect(read.records.map(\.header.sequence) == [1, 2, 3, 4, 5, 6])
        #expect(read.bytes(.clientToServer) == question)
        #expect(read.bytes(.serverToClient) == answer)
        let start = try read.start()
        #expect(start.sessionNumber == 1)
        #expect(start.target == "upstream")
        #expect(read.records[1].payload == IdentityFacts(identity).encoded())
        #expect(read.records[4].payload == note.encoded())
        try await rig.expectHolds()
    }

    @Test func `the catalog is told of a sealed recording what its file tells`() throws {
        let rig = RecorderRig()
        let recorder = try rig.recorder()
        var start = StartFacts.test
        start.protocolID = .http
        let recording = try recorder.lanes[0].begin(start, at: .now)
        try recording.identity(Identity(subject: "alice", method: "peer-uid"), at: .now)
        _ = try recording.data([1, 2, 3].span, .clientToServer, stream: 0, at: .now)
        try recording.note(Annotation(.session, .clientToServer, range: 3..<3, reason: "its key"), at: .now)
        try recording.identity(Identity(subject: "bob", method: "token"), at: .now)
        recording.finish("the client left", at: .now)
        recorder.shutdown()

        let told = try Catalog.open(StateFolder(rig.configuration.state)).list()
        let folder = try RecordingsFolder(rig.configuration.recordings)
        #expect(try told == rig.recordings().map { try #require(try CatalogEntry(file: $0, in: folder)) })
        #expect(told.map(\.identity) == ["alice"])
        #expect(told.map(\.sharedSession) == ["its key"])
        #expect(told.map(\.state) == [.closed])
    }

    @Test func `the gateway-wide sequence orders the records of all recordings, and goes on after a restart`() throws {
        let rig = RecorderRig(lanes: 2)
        let byte: [UInt8] = [1]
        for _ in 0..<2 {
            let recorder = try rig.recorder()
            let recordings = try recorder.lanes.map { try $0.begin(.test, at: .now) }
            for _ in 0..<3 {
                for recording in recordings {
                    _ = try recording.data(byte.span, .clientToServer, stream: 0, at: .now)
                }
            }
            recorder.shutdown()
        }
        let read = try rig.recordings().map { try ReadRecording($0) }
        let sessions = try read.map { try $0.start().sessionNumber }
        #expect(sessions.sorted() == [1, 2, 3, 4])
        let byTime = read.flatMap(\.records).sorted { $0.header.gatewaySequence < $1.header.gatewaySequence }
        #expect(Set(byTime.map(\.header.gatewaySequence)).count == byTime.count)
        #expect(byTime.map(\.header.time) == byTime.map(\.header.time).sorted())
    }

    @Test func `a recording that is still open at shutdown is sealed as interrupted`() async throws {
        let rig = RecorderRig()
        let recorder = try rig.recorder()
        let recording = try recorder.lanes[0].begin(.test, at: .now)
        let byte: [UInt8] = [7]
        _ = try recording.data(byte.span, .clientToServer, stream: 0, at: .now)
        recorder.shutdown()
        let read = try ReadRecording(rig.recordings()[0])
        #expect(read.end?.cause == .interrupted)
        #expect(read.bytes(.clientToServer) == byte)
        try await rig.expectHolds()
    }
}
