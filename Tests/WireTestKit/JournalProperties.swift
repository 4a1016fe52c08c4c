import Adapters
import Glibc
import Protocols
import Recorder

/// What must hold whatever recovery finds in a journal. The fuzzer and the replay of its finds share it.
public enum JournalProperties {
    private static let key = GatewayKey(Ed25519.PrivateKey(seed: [UInt8](repeating: 7, count: 32))!)
    private static let segmentBytes = 32 << 10

    /// A sentence on what does not hold, or `nil`.
    ///
    /// The input is a list of what an appending lane, a lost page or a stranger may have left; see ``JournalScript``.
    public static func violation(_ input: [UInt8]) -> String? {
        // Memory, so that a sync costs nothing.
        var template = Array("/dev/shm/wiretrail-fuzz-XXXXXX".utf8CString)
        let path = unsafe String(cString: mkdtemp(&template))
        defer { removeFolder(path) }
        do throws(StoreFault) {
            let folder = try RecordingsFolder("\(path)/recordings")
            var script = JournalScript(input, segmentBytes: segmentBytes)
            makeJournal(script.run(), in: path)
            guard (try? recover(path, folder)) != nil else { return nil }
            let first = try contents(folder)
            if let path = unsound(folder) { return "\(path) was recovered, and is unsound" }
            guard let again = recoverAgain(path, folder) else { return "what was recovered once is refused" }
            guard again == 0, try contents(folder) == first else { return "a second recovery changes something" }
            return nil
        } catch { return "\(error)" }
    }

    private static func makeJournal(_ segment: [UInt8], in path: String) {
        for folder in ["\(path)/state", "\(path)/state/journal"] { unsafe _ = mkdir(folder, 0o700) }
        let file = unsafe open("\(path)/state/journal/1.wtj", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        Descriptor(file).write(segment)
    }

    /// As a gateway starts. A refusal is an answer; only a trap is none.
    private static func recover(_ path: String, _ folder: RecordingsFolder) throws -> Int {
        let journal = try JournalFolder("\(path)/state")
        let ledger = try Ledger(folder.ledgerPath, key: key)
        return try JournalRecovery(journal.segments(), folder, key, ledger).run()
    }

    /// A process that another test is starting shares every lock until it is its own program; that is soon over.
    private static func recoverAgain(_ path: String, _ folder: RecordingsFolder) -> Int? {
        for _ in 0..<6000 {
            if let count = try? recover(path, folder) { return count }
            usleep(10_000)
        }
        return nil
    }

    private static func contents(_ folder: RecordingsFolder) throws(StoreFault) -> [String: [UInt8]] {
        try RecordingsFolder.recordings(below: folder.path).reduce(into: [:]) { $0[$1] = Repository.bytes(of: $1) }
    }

    /// A recording that is neither whole nor plainly incomplete, as one whose START was lost.
    private static func unsound(_ folder: RecordingsFolder) -> String? {
        let verifier = Verifier(trust: TrustStore([TrustedKey(name: "gateway", key: key.publicKey)]))
        return try? RecordingsFolder.recordings(below: folder.path).first { path in
            switch verifier.verify(recording: path).result {
            case .holds, .incomplete: false
            case .altered, .unknownSigner, .unreadable: true
            }
        }
    }
}

/// Makes a journal segment from a fuzzer's bytes: what a gateway wrote, and what a crash or a stranger made of it. Each step is a byte for the kind (its low three bits), a byte for the
/// recording, and a byte for the length; checksums are right, so that what lies behind them is reached.
struct JournalScript {
    private var rest: ArraySlice<UInt8>
    private var segment: [UInt8]
    private var cursor = 4096
    /// Of each recording's last record; 1 is START's, whether it is there or not.
    private var sequences: [UInt64] = [1, 1, 1, 1]
    private var chain = GatewaySessionChain()

    init(_ input: [UInt8], segmentBytes: Int) {
        rest = input[...]
        segment = [UInt8](repeating: 0, count: segmentBytes)
        put(Array("WTRAILJ1".utf8), at: 0)
        segment[8] = 1  // epoch
        segment[12] = 1  // in use
    }

    mutating func run() -> [UInt8] {
        while let kind = rest.popFirst() {
            let recording = Int(rest.popFirst() ?? 0) % sequences.count
            let length = Int(rest.popFirst() ?? 0)
            step(kind, recording, length)
        }
        return segment
    }

    private mutating func step(_ kind: UInt8, _ recording: Int, _ length: Int) {
        switch kind & 7 {
        case 0: start(recording)
        case 1: append(next(.data, recording, take(length)), recording)
        case 2: append(next(.note, recording, take(length)), recording)
        case 3: append([], recording, kind: 1)
        case 4: sequences[recording] += UInt64(length)
        case 5: put(take(length), at: cursor)
        case 6: append(take(length), recording)
        default:
            put([UInt8](repeating: 0, count: 4096), at: cursor & ~4095)
            cursor += length * 8
        }
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    private func id(_ recording: Int) -> RecordingID {
        RecordingID(
            wallNanoseconds: 1_795_233_600_000_000_000, random: [UInt8](repeating: UInt8(recording), count: 10))
    }

    /// A recording has one, and it is the first record.
    private mutating func start(_ recording: Int) {
        guard sequences[recording] == 1 else { return }
        let link = chain.begin(id(recording), wallNanoseconds: 2)
        let facts = StartFacts(
            protocolID: ProtocolID(rawValue: "test"), client: "", listener: "", target: "", software: "",
            sessionNumber: link.number, previousLedgerHash: link.previous)
        append(record(.start, 1, facts.encoded()), recording)
    }

    private mutating func next(_ type: RecordType, _ recording: Int, _ payload: [UInt8]) -> [UInt8] {
        sequences[recording] += 1
        return record(type, sequences[recording], payload)
    }

    private func record(_ type: RecordType, _ sequence: UInt64, _ payload: [UInt8]) -> [UInt8] {
        let header = RecordHeader(
            type, direction: type == .start ? nil : .clientToServer, sequence: sequence,
            gatewaySequence: 1, time: Timestamp(monotonicNanoseconds: 1, wallNanoseconds: 2))
        var bytes: [UInt8] = []
        Record(header, payload: payload).write(into: &bytes)
        return bytes
    }

    /// An envelope and what it is about: length, checksum, epoch, kind, recording.
    private mutating func append(_ record: [UInt8], _ recording: Int, kind: UInt32 = 0) {
        var covered: [UInt8] = []
        covered.appendLE(UInt32(1))
        covered.appendLE(kind)
        id(recording).write(into: &covered)
        covered += record
        var envelope: [UInt8] = []
        envelope.appendLE(UInt32(record.count))
        envelope.appendLE(CRC32C.crc32c(covered.span))
        put(envelope + covered, at: cursor)
        cursor += (8 + covered.count + 7) & ~7
    }

    private mutating func put(_ bytes: [UInt8], at place: Int) {
        for (index, byte) in bytes.enumerated() where place + index < segment.count { segment[place + index] = byte }
    }
}

private func removeFolder(_ path: String) {
    for file in Repository.files(in: path) where unsafe unlink(file) != 0 { removeFolder(file) }
    unsafe _ = rmdir(path)
}
