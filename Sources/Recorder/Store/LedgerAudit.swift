import Adapters
import Protocols

/// Reads a whole ledger and says what it tells: line by line, with bounded memory but for one entry per session.
struct LedgerAudit {
    struct Session: Sendable, Hashable {
        var link: SessionLink
        /// The root that was sealed; `nil` while the recording is open.
        var root: TreeHash?
    }

    private(set) var sessions: [UInt64: Session] = [:]
    private(set) var result: VerificationResult
    /// A gateway is writing it.
    private(set) var isLive = false

    private let trust: TrustStore
    private var state = LedgerState<SHA256>()
    private var signers: Set<[UInt8]> = []

    /// - Throws: only when the file cannot be read; what is in it becomes the result.
    init(_ path: String, trust: TrustStore) throws(StoreFault) {
        self.trust = trust
        result = .incomplete(Finding(fileOffset: 0, reason: "the ledger is empty"), isLive: false)
        let file = try StoreFile(path, .read)
        var offset: UInt64 = 0
        do throws(FormatFault) {
            isLive = file.isLocked()
            offset = try read(file)
            result = conclusion(offset)
        } catch {
            result = .altered(Finding(fileOffset: error.offset, reason: error.reason.description))
        }
    }

    /// Whether a gateway that is still writing may yet come to this session.
    func isBehind(_ session: UInt64) -> Bool { isLive && session > state.chain.number }

    /// Takes every line; gives the end of the last whole one.
    private mutating func read(_ file: borrowing StoreFile) throws(FormatFault) -> UInt64 {
        var offset: UInt64 = 0
        var bytes: [UInt8] = []
        while true {
            do throws(StoreFault) { try file.read(1 << 20, at: offset, into: &bytes) } catch {
                throw FormatFault(.truncated, "the ledger cannot be read").rebased(by: offset)
            }
            var from = 0
            while let end = bytes.span.firstIndex(of: UInt8(ascii: "\n"), from: from) {
                do throws(FormatFault) { try take(bytes.span.extracting(from..<end)) } catch {
                    throw FormatFault(error.code, error.reason).rebased(by: offset + UInt64(from))
                }
                from = end + 1
            }
            offset += UInt64(from)
            if from > 0 { continue }
            guard bytes.count <= LedgerLine.byteCountMaximum else {
                throw FormatFault(.limitExceeded, "a ledger line is too long").rebased(by: offset)
            }
            isCut = !bytes.isEmpty
            return offset
        }
    }

    private var isCut = false

    private mutating func take(_ bytes: Span<UInt8>) throws(FormatFault) {
        let line = try LedgerLine(bytes)
        try state.take(line, bytes)
        switch line.event {
        case .open(let link): sessions[link.number] = Session(link: link)
        case .close(let number, let recording, let root):
            guard let session = sessions[number], session.link.recording == recording,
                session.root == nil || session.root == root
            else { throw FormatFault(.mismatch, "the ledger seals another recording than it opened") }
            sessions[number]?.root = root
        case .lost: break
        case .head(let signer, let wallNanoseconds, let signature):
            signers.insert(signer)
            guard let key = trust.key(KeyID(bytes: signer)) else { return }
            let message = line.signedBytes(wallNanoseconds: wallNanoseconds)
            guard key.key.isValid(signature.span, of: message.span) else {
                throw FormatFault(.mismatch, "a ledger head's signature does not hold")
            }
        }
    }

    private func conclusion(_ offset: UInt64) -> VerificationResult {
        for signer in signers.sorted(by: { $0.lexicographicallyPrecedes($1) })
        where trust.key(KeyID(bytes: signer)) == nil {
            return .unknownSigner(KeyID(bytes: signer))
        }
        guard state.lines > 0, state.unsigned == 0, !isCut else {
            let reason = isCut ? "the ledger ends inside a line" : "the ledger's last lines are not signed"
            return .incomplete(Finding(fileOffset: offset, reason: reason), isLive: isLive)
        }
        let names = signers.compactMap { trust.key(KeyID(bytes: $0))?.name }.sorted()
        return .holds(signer: names.joined(separator: ", "))
    }
}
