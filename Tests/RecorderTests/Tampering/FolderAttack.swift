import Adapters
import Protocols
import Recorder
import WireTestKit

/// What somebody can do to a whole folder.
enum FolderAttack: CaseIterable {
    // Recordings.
    case removeRecording, exchangeRecordings, repeatRecording, bringForeignRecording, removeSeal
    // Lines of the ledger.
    case removeLine, exchangeLines, repeatLine, flipLine
    // The ledger's end, or all of it.
    case cutLedger, cutLastHead, removeLedger, bringForeignLedger
    // The ledger written anew.
    case rewrite, rewriteUnderOurName, loseSession

    /// Where the change must be found: in at least one of several places.
    enum Place {
        case recording(String)
        case missing(UInt64)
        case ledger
    }

    func change(_ folder: inout FolderSpecimen, foreign: FolderSpecimen, _ random: inout SplitMix64) -> [Place] {
        switch self {
        case .removeRecording, .exchangeRecordings, .repeatRecording, .bringForeignRecording, .removeSeal:
            return changeRecordings(&folder, foreign, &random)
        case .removeLine, .exchangeLines, .repeatLine, .flipLine: changeLines(&folder, &random)
        case .cutLedger, .cutLastHead, .removeLedger, .bringForeignLedger: changeLedger(&folder, foreign, &random)
        case .rewrite: folder.lines = LedgerForger.rewrite(folder.lines)
        case .rewriteUnderOurName: folder.lines = LedgerForger.rewrite(folder.lines, as: RecordingSample.key().id)
        case .loseSession:
            let session = UInt64.random(in: 1...FolderSpecimen.sessions, using: &random)
            folder.files[folder.recordings[Int(session) - 1]] = nil
            folder.lines = LedgerForger.rewrite(folder.lines, losing: session)
        }
        // Cut behind a signed line, the ledger is whole in itself: the recordings after it tell.
        return self == .cutLedger ? [.ledger] + folder.recordings.map(Place.recording) : [.ledger]
    }

    private func changeRecordings(
        _ folder: inout FolderSpecimen, _ foreign: FolderSpecimen, _ random: inout SplitMix64
    ) -> [Place] {
        let names = folder.recordings
        let one = Int.random(in: 0..<names.count, using: &random)
        let name = names[one]
        switch self {
        case .removeRecording:
            folder.files[name] = nil
            return [.missing(UInt64(one + 1))]
        case .exchangeRecordings:
            let other = names[(one + Int.random(in: 1..<names.count, using: &random)) % names.count]
            (folder.files[name], folder.files[other]) = (folder.files[other], folder.files[name])
            return [.recording(name), .recording(other)]
        case .repeatRecording:
            folder.files["repeated.wtr"] = folder.files[name]
            return [.recording(name), .recording("repeated.wtr")]
        case .bringForeignRecording: folder.files[name] = foreign.files[foreign.recordings[one]]
        default: folder.files[name]?.removeLast(EndFrame.byteCount)
        }
        return [.recording(name)]
    }

    private func changeLines(_ folder: inout FolderSpecimen, _ random: inout SplitMix64) {
        var lines = folder.lines
        let one = Int.random(in: 0..<lines.count, using: &random)
        let other = (one + Int.random(in: 1..<lines.count, using: &random)) % lines.count
        switch self {
        case .removeLine: lines.remove(at: one)
        case .exchangeLines: lines.swapAt(one, other)
        case .repeatLine: lines.insert(lines[one], at: other)
        default:
            lines[one][Int.random(in: 0..<lines[one].count, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
        }
        folder.lines = lines
    }

    private func changeLedger(
        _ folder: inout FolderSpecimen, _ foreign: FolderSpecimen, _ random: inout SplitMix64
    ) {
        let ledger = folder.files[FolderSpecimen.ledgerName] ?? []
        switch self {
        case .cutLedger:
            let cut = Int.random(in: 0..<ledger.count, using: &random)
            folder.files[FolderSpecimen.ledgerName] = Array(ledger[..<cut])
        case .cutLastHead: folder.lines.removeLast()
        case .removeLedger: folder.files[FolderSpecimen.ledgerName] = nil
        default: folder.lines = foreign.lines
        }
    }
}

/// Writes a ledger anew, so that every hash fits, and signs it with the attacker's key.
enum LedgerForger {
    /// - Parameters:
    ///   - name: whose signatures they are said to be.
    ///   - session: a session that is said never to have begun.
    static func rewrite(
        _ lines: [[UInt8]], as name: KeyID = Attacker.key.id, losing session: UInt64? = nil
    ) -> [[UInt8]] {
        var rewritten: [[UInt8]] = []
        var previous = [UInt8](repeating: 0, count: 32)
        for bytes in lines {
            guard var line = try? LedgerLine(bytes.span) else { return lines }
            switch line.event {
            case .open(let link) where link.number == session: line.event = .lost(link.number...link.number)
            case .close(session, _, _): continue
            default: break
            }
            line.number = UInt64(rewritten.count + 1)
            line.previous = previous
            if case .head(_, let time, _) = line.event {
                let message = line.signedBytes(wallNanoseconds: time)
                line.event = .head(
                    signer: name.bytes, wallNanoseconds: time, signature: Attacker.key.sign(message.span))
            }
            let encoded = line.encoded()
            previous = LedgerLine.hash(encoded.span, SHA256.self)
            rewritten.append(encoded)
        }
        return rewritten
    }
}
