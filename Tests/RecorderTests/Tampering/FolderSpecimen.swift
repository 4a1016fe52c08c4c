import Adapters
import Protocols
import Recorder
import WireTestKit

/// A folder of recordings with its ledger, as a gateway leaves it, held in memory so that each attack begins afresh.
struct FolderSpecimen {
    static let sessions: UInt64 = 6
    /// The sessions after which the ledger was signed.
    static let syncs: Set<UInt64> = [1, 3, 6]

    let path: String
    /// By the path below the folder: every recording, and the ledger.
    var files: [String: [UInt8]] = [:]

    static let ledgerName = "ledger.jsonl"

    init(in scratch: String, key: GatewayKey = RecordingSample.key(), name: String = "recordings") throws {
        path = "\(scratch)/\(name)"
        let folder = try RecordingsFolder(path)
        let ledger = try Ledger(folder.ledgerPath, key: key)
        var paths: [String] = []
        for session in 1...Self.sessions {
            var chain = ledger.chain
            let start = RecordingSample.startWall
            let link = chain.begin(RecordingSample.id(session), wallNanoseconds: start)
            var sample = RecordingSample(session: session, previous: link.previous, segments: 2)
            sample.random = SplitMix64(seed: session)
            let path = try sample.write(in: folder, key: key).path
            try ledger.open(link)
            if let end = try RecordingReader(path).end { try ledger.close(end) }
            if Self.syncs.contains(session) { try ledger.sync(at: start) }
            paths.append(path)
        }
        for file in paths + [folder.ledgerPath] {
            files[String(file.dropFirst(path.utf8.count + 1))] = Disk.read(file)
        }
    }

    /// The recordings' names, in the order of their sessions.
    var recordings: [String] { files.keys.filter { $0 != Self.ledgerName }.sorted() }

    /// The ledger's lines, without line feeds.
    var lines: [[UInt8]] {
        get { files[Self.ledgerName]!.split(separator: UInt8(ascii: "\n")).map(Array.init) }
        set { files[Self.ledgerName] = newValue.flatMap { $0 + [UInt8(ascii: "\n")] } }
    }

    /// Makes the folder on the disk be this.
    func write(instead previous: FolderSpecimen) {
        for name in previous.files.keys where files[name] == nil { ScratchFolder.remove("\(path)/\(name)") }
        for (name, bytes) in files { Disk.write(bytes, to: "\(path)/\(name)") }
    }
}
