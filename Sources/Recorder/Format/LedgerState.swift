public import Protocols

/// What the lines of a ledger so far add up to. Writer and verifier both go by it.
public struct LedgerState<Hash: Digest & ~Copyable>: Sendable {
    /// How many lines there were.
    public private(set) var lines: UInt64 = 0
    /// The hash of the last one.
    public private(set) var lineHash: TreeHash = [UInt8](repeating: 0, count: 32)
    public private(set) var chain = SessionChain<Hash>()
    /// Lines since the last head.
    public private(set) var unsigned: UInt64 = 0

    public init() {}

    /// The line that would say this next.
    func line(_ event: LedgerLine.Event) -> LedgerLine {
        let chain = chain(after: event)
        return LedgerLine(
            number: lines + 1, previous: lineHash, sessions: chain.number, chain: chain.hash, event: event)
    }

    /// Takes a line that must follow; `bytes` are the line's own.
    mutating func take(_ line: LedgerLine, _ bytes: Span<UInt8>) throws(FormatFault) {
        guard line.number == lines + 1, line.previous == lineHash else {
            throw FormatFault(.mismatch, "a ledger line does not follow the one before it")
        }
        switch line.event {
        case .open(let link):
            guard line.sessions == link.number, line.chain == link.chain(Hash.self) else {
                throw FormatFault(.mismatch, "a session's chain is not that of its number, name and time")
            }
            guard link.number == chain.number + 1, link.previous == chain.hash else {
                throw FormatFault(.mismatch, "a session does not follow the one before it")
            }
            unsigned += 1
        case .lost(let range):
            guard range.lowerBound == chain.number + 1, line.sessions == range.upperBound else {
                throw FormatFault(.mismatch, "lost sessions do not follow those before them")
            }
            unsigned += 1
        case .close, .head:
            guard line.sessions == chain.number, line.chain == chain.hash else {
                throw FormatFault(.mismatch, "a ledger line changes the chain of sessions")
            }
            if case .head = line.event { unsigned = 0 } else { unsigned += 1 }
        }
        adopt(line, bytes)
    }

    /// Goes on after a line whose predecessors are not looked at.
    mutating func adopt(_ line: LedgerLine, _ bytes: Span<UInt8>) {
        lines = line.number
        lineHash = LedgerLine.hash(bytes, Hash.self)
        chain = SessionChain(number: line.sessions, hash: line.chain)
    }

    private func chain(after event: LedgerLine.Event) -> SessionChain<Hash> {
        switch event {
        case .open(let link): SessionChain(number: link.number, hash: link.chain(Hash.self))
        case .close, .head, .lost: chain
        }
    }

    /// The line that declares numbers lost; `next` is the chain that the following session names.
    func lostLine(_ range: ClosedRange<UInt64>, next chain: TreeHash) -> LedgerLine {
        LedgerLine(
            number: lines + 1, previous: lineHash, sessions: range.upperBound, chain: chain, event: .lost(range))
    }
}
