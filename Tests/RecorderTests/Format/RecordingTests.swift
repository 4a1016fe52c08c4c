import Adapters
import Protocols
import Recorder
import Testing
import WireTestKit

@Suite struct RecordingTests {
    let scratch = ScratchFolder()

    @Test(arguments: [true, false])
    func `A sealed recording gives back every record`(isText: Bool) throws {
        var sample = RecordingSample()
        sample.isText = isText
        var copy = sample
        let path = try sample.write(in: RecordingsFolder(scratch.path)).path
        let reader = try RecordingReader(path)
        var found: [Record] = []
        try reader.forEachRecord { header, payload, _ in
            found.append(Record(header, payload: [UInt8](copying: payload)))
            return true
        }
        #expect(found == copy.records().flatMap { $0 })
        #expect(reader.end?.leaves == 3)
        #expect(reader.end?.records == 24)
        #expect(reader.end?.sessionNumber == 1)
    }

    @Test func `A segment is found by time, by stream offset and by sequence`() throws {
        var sample = RecordingSample(segments: 40)
        let (path, _) = try sample.write(in: RecordingsFolder(scratch.path))
        let reader = try RecordingReader(path)
        for number in [0, 1, 17, 39] {
            let first = UInt64(number * 8 + 1)
            #expect(try reader.segment(withSequence: first + 3).number == UInt64(number))
            #expect(
                try reader.segment(atWall: RecordingSample.wall + Int64(first) * 1_000_000).number == UInt64(number))
            let header = try #require(try reader.next())
            #expect(header.firstSequence == first)
            let offset = header.offsets[.clientToServer]
            #expect(try reader.segment(at: offset, of: .clientToServer).number == UInt64(number))
        }
    }
}
