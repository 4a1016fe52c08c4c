/// When something under way began, and which bytes of both streams it covers so far.
struct SSHExtent: Sendable {
    private(set) var ticket: EventQueue.Ticket?
    private var start = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0)
    private var end: Timestamp?
    private var client: Range<UInt64>?
    private var server: Range<UInt64>?

    /// Takes a place in the order of events, the first time.
    mutating func begin(in events: inout EventQueue, _ start: Timestamp) {
        guard ticket == nil else { return }
        ticket = events.open()
        self.start = start
    }

    mutating func cover(_ range: Range<UInt64>, _ direction: Direction, at time: Timestamp) {
        end = time
        if direction == .clientToServer {
            client = (client?.lowerBound ?? range.lowerBound)..<range.upperBound
        } else {
            server = (server?.lowerBound ?? range.lowerBound)..<range.upperBound
        }
    }

    func event(
        _ kind: String, _ title: String, _ outcome: TimelineEvent.Outcome, _ fields: [TimelineEvent.Field]
    )
        -> TimelineEvent
    {
        TimelineEvent(
            sequence: 0, start: start, end: end, kind: kind, title: title, outcome: outcome, fields: fields,
            request: client, response: server)
    }
}
