import Adapters
import Protocols
import Synchronization

/// Numbers the gateway's recordings as they begin, and enters them into the ledger.
///
/// Numbers are given out on the loops, without a file; the ledger is written by the recorder's threads, in the order of the
/// numbers and never sooner than what it tells of is durable.
final class SessionBook: Sendable {
    private struct Begun {
        var chain: GatewaySessionChain
        /// Sessions that the ledger does not know yet, in order.
        var new: [SessionLink] = []
    }

    private let begun: Mutex<Begun>
    private let ledger: Mutex<Ledger>

    init(_ ledger: consuming sending Ledger) {
        begun = Mutex(Begun(chain: ledger.chain))
        self.ledger = Mutex(ledger)
    }

    /// Gives out the next number. `journal` puts START into a journal; when it throws, no number was given out.
    func begin(
        _ recording: RecordingID, at time: Timestamp, journal: (SessionLink) throws(RecorderError) -> Void
    ) throws(RecorderError) {
        try begun.withLock { (begun: inout sending Begun) throws(RecorderError) in
            var next = begun.chain
            let link = next.begin(recording, wallNanoseconds: time.wallNanoseconds)
            try journal(link)
            begun.chain = next
            begun.new.append(link)
        }
    }

    /// Enters what has begun and what was sealed since the last time. Comes before a journal segment is given up.
    func sync(sealed: [EndFrame]) throws(StoreFault) {
        try ledger.withLock { (ledger) throws(StoreFault) in
            for link in begun.withLock({ exchange(&$0.new, with: []) }) { try ledger.open(link) }
            for end in sealed { try ledger.close(end) }
            try ledger.sync(at: WallClock.nanoseconds)
        }
    }
}
