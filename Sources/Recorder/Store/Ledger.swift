public import Adapters
import Protocols

public typealias GatewaySessionChain = SessionChain<SHA256>

/// The ledger of one gateway: an append-only file with a line per opened and per sealed recording, each naming the
/// hash of the line before, and every so often a line signed by the gateway.
///
/// Lines are held until ``sync()``, which writes them with a signed head and makes them durable; whoever recycles a
/// journal calls it first, so that what a crash takes is still in the journal. Not for use from two threads at once.
public final class Ledger {
    private let file: StoreFile
    private let key: GatewayKey
    private var state: LedgerState<SHA256>
    private var size: UInt64
    private var pending: [UInt8] = []
    /// Sessions that came before their predecessors: loops hand their records in one by one.
    private var early: [UInt64: SessionLink] = [:]
    /// The ends of such sessions.
    private var earlyEnds: [UInt64: EndFrame] = [:]

    /// Opens the ledger, or makes it, and takes its lock. A line that a crash cut short is cut off.
    public init(_ path: String, key: GatewayKey) throws(StoreFault) {
        file = try StoreFile(path, .append)
        self.key = key
        guard try file.lock() else { throw .refused(path: path, reason: "another gateway is using this ledger") }
        (state, size) = try LedgerTail.read(file)
        try file.truncate(to: size)
    }

    /// The chain that the next session continues. At the start: after recovery has opened what the journal held.
    public var chain: GatewaySessionChain { state.chain }

    /// Enters a recording that began. One that is known already is passed over, so that recovery may repeat itself.
    public func open(_ link: SessionLink) throws(StoreFault) {
        guard link.number > state.chain.number else { return }
        early[link.number] = link
        while let next = early.removeValue(forKey: state.chain.number + 1) {
            guard next.previous == state.chain.hash else {
                throw .refused(path: file.path, reason: "session \(next.number) does not continue this ledger")
            }
            try append(state.line(.open(next)))
            if let end = earlyEnds.removeValue(forKey: next.number) { try close(end) }
        }
    }

    /// Enters a sealed recording, once its beginning is entered. One that is entered already may be entered again.
    public func close(_ end: EndFrame) throws(StoreFault) {
        guard end.sessionNumber <= state.chain.number else { return earlyEnds[end.sessionNumber] = end }
        try append(state.line(.close(session: end.sessionNumber, recording: end.recording, root: end.root)))
    }

    /// After recovery: no journal holds the sessions missing before those that came early, so they never began.
    public func declareLost() throws(StoreFault) {
        while let next = early.keys.min(), let link = early[next] {
            if next > state.chain.number + 1 {
                try append(state.lostLine(state.chain.number + 1...next - 1, next: link.previous))
            }
            try open(link)
        }
    }

    /// Writes what was entered, signs it, and makes it durable. Does nothing when nothing was. After a throw it may be
    /// called again.
    ///
    /// - Parameter wallNanoseconds: now, since 1970.
    public func sync(at wallNanoseconds: Int64) throws(StoreFault) {
        if state.unsigned > 0 { try sign(wallNanoseconds) }
        guard !pending.isEmpty else { return }
        do throws(StoreFault) { try file.write(pending.span, at: size) } catch {
            // What was written of it would stand before the next attempt.
            try file.truncate(to: size)
            throw error
        }
        size += UInt64(pending.count)
        pending.removeAll(keepingCapacity: true)
        try file.sync()
    }

    private func sign(_ wallNanoseconds: Int64) throws(StoreFault) {
        let unsigned = state.line(.head(signer: key.id.bytes, wallNanoseconds: wallNanoseconds, signature: []))
        let message = unsigned.signedBytes(wallNanoseconds: wallNanoseconds)
        let signature = key.sign(message.span)
        try append(
            state.line(.head(signer: key.id.bytes, wallNanoseconds: wallNanoseconds, signature: signature)))
    }

    private func append(_ line: LedgerLine) throws(StoreFault) {
        let bytes = line.encoded()
        do throws(FormatFault) { try state.take(line, bytes.span) } catch {
            throw .format(path: file.path, error)
        }
        pending += bytes
        pending.append(UInt8(ascii: "\n"))
    }
}

/// The end of a ledger, from which its writer goes on.
enum LedgerTail {
    /// More than a gateway can write between two syncs.
    private static let byteCount: UInt64 = 16 << 20

    /// Reads the last lines, each of which must follow the one before, up to the first that does not.
    static func read(_ file: borrowing StoreFile) throws(StoreFault) -> (LedgerState<SHA256>, size: UInt64) {
        let size = try file.size()
        let start = size > byteCount ? size - byteCount : 0
        var bytes: [UInt8] = []
        try file.read(Int(size - start), at: start, into: &bytes)
        // From the middle of a file, the first line is an unknown rest.
        var from = start == 0 ? 0 : (bytes.firstIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        var state = LedgerState<SHA256>()
        while let end = bytes.span.firstIndex(of: UInt8(ascii: "\n"), from: from) {
            let text = bytes.span.extracting(from..<end)
            guard let line = try? LedgerLine(text) else { break }
            if state.lines == 0, start > 0 {
                state.adopt(line, text)
            } else if (try? state.take(line, text)) == nil {
                break
            }
            from = end + 1
        }
        // A crash takes lines of the last sync at most; anything earlier was damaged otherwise, and is evidence.
        guard heads(in: bytes.span.extracting(from...)) <= 1, state.lines > 0 || start == 0 else {
            throw .refused(path: file.path, reason: "is damaged; keep it for an inquiry and move it away")
        }
        return (state, start + UInt64(from))
    }

    /// Counts the signed lines.
    private static func heads(in bytes: Span<UInt8>) -> Int {
        var count = 0
        var from = 0
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: from) {
            if let line = try? LedgerLine(bytes.extracting(from..<end)), case .head = line.event { count += 1 }
            from = end + 1
        }
        return count
    }
}
