import Adapters
import Protocols
import Synchronization

/// Numbers the gateway's recordings as they begin, and enters them into the ledger.
///
/// Numbers are given out on the loops, without a file. A recording is entered as opened once its START is durable in the
/// journal, and as sealed once its file is durable: so the ledger never knows of anything that a power failure could take.
final class SessionBook: Sendable {
    /// Counts the recordings that were handed in as sealed.
    typealias Ticket = Int

    struct Sealed {
        let end: EndFrame
        /// `nil` where START could not be read.
        let entry: CatalogEntry?
    }

    fileprivate struct Begun {
        let link: SessionLink
        let queue: JournalQueue
        /// Where START ends in the queue's journal.
        let position: JournalPosition
    }

    fileprivate struct State {
        var chain: GatewaySessionChain
        /// In order of their numbers.
        var begun: [Begun] = []
        /// In the order in which they came.
        var sealed: [Sealed] = []
        var tickets: Ticket = 0
        /// The number entered last as opened.
        var opened: UInt64
        /// Recordings that were given a number in this run; a count.
        var numbered = 0
    }

    private let state: Mutex<State>
    private let ledger: Mutex<Ledger>
    private let durable = Atomic<Ticket>(0)

    init(_ ledger: consuming sending Ledger) {
        state = Mutex(State(chain: ledger.chain, opened: ledger.chain.number))
        self.ledger = Mutex(ledger)
    }

    /// Gives out the next number. `journal` puts START into the queue's journal and says where it ends; when it throws,
    /// no number was given out.
    func begin(
        _ recording: RecordingID, at time: Timestamp, on queue: JournalQueue,
        journal: (SessionLink) throws(RecorderError) -> JournalPosition
    ) throws(RecorderError) {
        try state.withLock { (state: inout sending State) throws(RecorderError) in
            var next = state.chain
            let link = next.begin(recording, wallNanoseconds: time.wallNanoseconds)
            let position = try journal(link)
            state.chain = next
            state.begun.append(Begun(link: link, queue: queue, position: position))
            state.numbered += 1
        }
    }

    /// Takes recordings whose files are sealed and durable. They are in the ledger once the ticket is.
    func sealed(_ recordings: [Sealed]) -> Ticket {
        state.withLock { state in
            state.sealed += recordings
            state.tickets += recordings.count
            return state.tickets
        }
    }

    /// Whether everything up to this ticket is in the durable ledger.
    func isDurable(_ ticket: Ticket) -> Bool { durable.load(ordering: .acquiring) >= ticket }

    /// How many recordings this run has begun, and how many of them are sealed.
    var counts: (begun: Int, sealed: Int) { state.withLock { ($0.numbered, $0.tickets) } }

    /// Whether the ledger knows everything.
    var isSettled: Bool {
        state.withLock { $0.begun.isEmpty && $0.sealed.isEmpty && isDurable($0.tickets) }
    }

    /// Enters what has become durable, and makes the ledger so. After a throw it may be called again.
    /// Returns the catalog's entries of the recordings that were sealed.
    func enter() throws(StoreFault) -> [CatalogEntry] {
        let (links, sealed, ticket) = state.withLock { $0.turnPage() }
        try ledger.withLock { (ledger) throws(StoreFault) in
            for link in links { try ledger.open(link) }
            for recording in sealed { try ledger.close(recording.end) }
            try ledger.sync(at: WallClock.nanoseconds)
        }
        durable.store(ticket, ordering: .releasing)
        return sealed.compactMap(\.entry)
    }
}

extension SessionBook.State {
    /// Takes out what may be entered now. The ledger knows sessions in the order of their numbers, and none as sealed
    /// that it does not know as opened.
    fileprivate mutating func turnPage() -> ([SessionLink], [SessionBook.Sealed], SessionBook.Ticket) {
        let links = begun.prefix { $0.position <= $0.queue.durable.load(ordering: .acquiring) }.map(\.link)
        begun.removeFirst(links.count)
        opened = links.last?.number ?? opened
        let last = opened
        let known = Array(sealed.prefix { $0.end.sessionNumber <= last })
        sealed.removeFirst(known.count)
        return (links, known, tickets - sealed.count)
    }
}
