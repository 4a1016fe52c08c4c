import Adapters
import Protocols
import Synchronization

/// Numbers the gateway's recordings as they begin, and enters them into the ledger as they reach their files.
///
/// Numbers are given out on the loops, without a file; the ledger is written by the recorder's threads.
final class SessionBook: Sendable {
    private let chain: Mutex<GatewaySessionChain>
    private let ledger: Mutex<Ledger>

    init(_ ledger: consuming sending Ledger) {
        chain = Mutex(ledger.chain)
        self.ledger = Mutex(ledger)
    }

    /// Gives out the next number. `journal` puts START into a journal; when it throws, no number was given out.
    func begin(
        _ recording: RecordingID, at time: Timestamp, journal: (SessionLink) throws(RecorderError) -> Void
    ) throws(RecorderError) {
        try chain.withLock { (chain: inout sending GatewaySessionChain) throws(RecorderError) in
            var next = chain
            let link = next.begin(recording, wallNanoseconds: time.wallNanoseconds)
            try journal(link)
            chain = next
        }
    }

    func opened(_ link: SessionLink) throws(StoreFault) {
        try ledger.withLock { (ledger) throws(StoreFault) in try ledger.open(link) }
    }

    func sealed(_ end: EndFrame) throws(StoreFault) {
        try ledger.withLock { (ledger) throws(StoreFault) in try ledger.close(end) }
    }

    /// Before a journal segment is given up.
    func sync() throws(StoreFault) {
        try ledger.withLock { (ledger) throws(StoreFault) in
            try ledger.sync(at: WallClock.nanoseconds)
        }
    }
}
