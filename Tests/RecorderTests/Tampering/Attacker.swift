import Adapters
import Protocols
import Recorder
import WireTestKit

/// A sealed recording, taken apart.
struct Specimen {
    let path: String
    let bytes: [UInt8]
    /// The stored bytes of each segment.
    let segments: [[UInt8]]
    let end: EndFrame

    init(_ path: String) throws {
        self.path = path
        bytes = Disk.read(path)
        let reader = try RecordingReader(path)
        var segments: [[UInt8]] = []
        while let header = try reader.next() {
            let stop = Int(reader.place.fileOffset)
            segments.append(Array(bytes[stop - header.segmentByteCount..<stop]))
        }
        self.segments = segments
        end = reader.end!
    }

    /// The frame that holds this byte.
    func frame(at offset: Int) -> Range<Int> {
        var start = 0
        for segment in segments {
            if offset < start + segment.count { return start..<start + segment.count }
            start += segment.count
        }
        let endStart = bytes.count - EndFrame.byteCount
        return offset < endStart ? start..<endStart : endStart..<bytes.count
    }
}

/// What somebody with the files, our source code and a key of his own can do.
struct Attacker {
    /// How much is made to fit again after a change.
    enum Effort: CaseIterable {
        case nothing
        case checksums
        /// Checksums, INDEX and END; the signature stays.
        case root
        /// All of it, signed with another key under that key's name.
        case ownSignature
        /// All of it, signed with another key under the gateway's name.
        case forgedSignature
    }

    static let key = RecordingSample.key(66)
    var random: SplitMix64

    // MARK: Bytes

    /// One change somewhere in the bytes.
    mutating func changeBytes(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let count = Int.random(in: 1...min(64, bytes.count - at), using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(at..<at + count)
        case 3: bytes.insert(contentsOf: bytes[at..<at + count], at: at)
        case 4: bytes.insert(contentsOf: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, at: at)
        case 5: bytes.removeSubrange(at...)
        default: for index in at..<at + count { bytes[index] = 0 }
        }
        return bytes
    }

    // MARK: Segments

    /// Removes, repeats, moves or damages whole segments, or brings in one of another recording.
    mutating func changeSegments(_ segments: [[UInt8]], foreign: [[UInt8]]) -> [[UInt8]] {
        var segments = segments
        let one = Int.random(in: 0..<segments.count, using: &random)
        let other = Int.random(in: 0..<segments.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: segments.remove(at: one)
        case 1: segments.insert(segments[one], at: other)
        case 2: segments.swapAt(one, other)
        case 3: segments[one] = foreign.randomElement(using: &random)!
        case 4: segments.removeSubrange(one...)
        default:
            let at = Int.random(in: SegmentHeader.byteCount..<segments[one].count, using: &random)
            segments[one][at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        return segments
    }

    // MARK: Records

    /// Changes, removes, repeats, moves or cuts records of one segment, and numbers all of them anew.
    mutating func changeRecords(_ segments: [[UInt8]]) throws -> [[UInt8]] {
        var groups = try segments.map(Self.records)
        let place = Int.random(in: 0..<groups.count, using: &random)
        var records = groups[place]
        let one = Int.random(in: 0..<records.count, using: &random)
        let other = Int.random(in: 0..<records.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where records.count > 1: records.remove(at: one)
        case 1: records.insert(records[one], at: other)
        case 2: records.swapAt(one, other)
        case 3 where !records[one].payload.isEmpty: records[one].payload.removeLast()
        case 4: records[one].header.time.wallNanoseconds += 1
        default:
            records[one].payload.append(UInt8.random(in: 0...255, using: &random))
        }
        groups[place] = records
        return try Self.encode(groups, as: try Self.header(segments[0]).recording)
    }

    private static func records(_ segment: [UInt8]) throws -> [Record] {
        var decoder = SegmentDecoder<CRC32C, LZ4>()
        var raw: [UInt8] = []
        let body = segment.span.extracting(SegmentHeader.byteCount...)
        try decoder.decode(body, header(segment), into: &raw)
        var records: [Record] = []
        try Record.forEach(in: raw.span) { (header, payload, _) throws(FormatFault) in
            records.append(Record(header, payload: [UInt8](copying: payload)))
            return true
        }
        return records
    }

    private static func encode(_ groups: [[Record]], as recording: RecordingID) throws -> [[UInt8]] {
        var planner = SegmentPlanner(recording)
        var encoder = RecordingSegmentEncoder()
        var segments: [[UInt8]] = []
        for group in groups {
            var raw: [UInt8] = []
            for (index, record) in group.enumerated() {
                var record = record
                record.header.sequence = planner.nextSequence + UInt64(index)
                record.write(into: &raw)
            }
            segments.append(encoder.encode(raw.span, try planner.plan(raw.span)).bytes)
        }
        return segments
    }

    // MARK: Covering it up

    private static func header(_ segment: [UInt8]) throws -> SegmentHeader {
        try SegmentHeader.parse(segment.span, checksum: CRC32C.self)
    }

    /// The file with these segments, made to fit as far as `effort` goes.
    static func assemble(_ segments: [[UInt8]], of specimen: Specimen, _ effort: Effort) -> [UInt8] {
        let tail = specimen.bytes[(specimen.segments.reduce(0) { $0 + $1.count })...]
        if effort == .nothing { return segments.flatMap { $0 } + tail }
        let fitted = segments.enumerated().map { fitChecksums($1, number: UInt64($0)) }
        if effort == .checksums { return fitted.flatMap { $0 } + tail }
        return reseal(fitted, specimen, effort)
    }

    /// Corrects number and both checksums of one segment.
    private static func fitChecksums(_ segment: [UInt8], number: UInt64) -> [UInt8] {
        var segment = segment
        func put(_ value: some FixedWidthInteger, at offset: Int) {
            var bytes: [UInt8] = []
            bytes.appendLE(value)
            segment.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
        put(number, at: 32)
        put(CRC32C.crc32c(segment.span.extracting(SegmentHeader.byteCount...)), at: 116)
        put(CRC32C.crc32c(segment.span.extracting(0..<164)), at: 164)
        return segment
    }

    private static func reseal(_ segments: [[UInt8]], _ specimen: Specimen, _ effort: Effort) -> [UInt8] {
        var index = RecordingIndex()
        var tree = RecordingTree()
        var end = specimen.end
        var offset: UInt64 = 0
        (end.records, end.rawCount) = (0, 0)
        for (place, segment) in segments.enumerated() {
            guard let header = try? header(segment) else { continue }
            let leaf = RecordingTree.leaf(segment.span)
            index.append(header, at: offset, leaf: leaf)
            tree.append(leaf)
            offset += UInt64(segment.count)
            end.records += UInt64(header.recordCount)
            end.rawCount += UInt64(header.rawCount)
            if place == 0 { end.firstWallNanoseconds = header.firstTime.wallNanoseconds }
            end.lastWallNanoseconds = header.lastTime.wallNanoseconds
        }
        let frame = index.encoded(recording: end.recording, leaves: tree.count, checksum: CRC32C.self)
        (end.root, end.leaves, end.indexOffset, end.indexHash) = (
            tree.root, tree.count, offset, SHA256.hash(frame.span)
        )
        if effort == .ownSignature { end.signerID = key.id.bytes }
        let kept = KeptSignature(signature: end.signature)
        let last =
            effort == .root
            ? end.encoded(signer: kept, checksum: CRC32C.self) : end.encoded(signer: key, checksum: CRC32C.self)
        return segments.flatMap { $0 } + frame + last
    }
}

/// Signs everything with a signature that was made for something else.
private struct KeptSignature: Signer {
    let signature: [UInt8]
    func sign(_ message: Span<UInt8>) -> [UInt8] { signature }
}
