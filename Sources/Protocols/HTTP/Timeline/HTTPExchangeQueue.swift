/// The exchanges under way, first in, first out: the server answers the oldest that it has not answered.
struct HTTPExchangeQueue: Sendable {
    /// Requests beyond that many that wait for responses are told without their contents.
    static let describedMaximum = 1000

    private var exchanges = Fifo<HTTPExchange>()

    var count: Int { exchanges.count }
    var isEmpty: Bool { exchanges.isEmpty }

    /// Bytes of contents that the oldest and the newest keep: those that grow.
    var heldCount: Int {
        isEmpty ? 0 : exchanges[0].heldCount + (count > 1 ? exchanges[count - 1].heldCount : 0)
    }

    mutating func append(_ exchange: HTTPExchange) { exchanges.append(exchange) }

    /// The one whose request is being read.
    mutating func changeAsking(_ change: (inout HTTPExchange) -> Void) {
        guard !isEmpty, !exchanges[exchanges.count - 1].requestHasEnded else { return }
        change(&exchanges[exchanges.count - 1])
    }

    /// The one whose response is being read, or comes next.
    mutating func changeAnswering(_ change: (inout HTTPExchange) -> Void) {
        // Only the oldest can have been answered before all of it was asked.
        for index in exchanges.indices where !exchanges[index].responseHasEnded {
            change(&exchanges[index])
            return
        }
    }

    /// The response of the one that is being answered has come whole; `nil` where none has begun. The exchange is forgotten, unless its
    /// request is still being asked.
    mutating func endResponse(_ change: (inout HTTPExchange) -> Void) -> HTTPExchange? {
        let answering = exchanges.indices.first { !exchanges[$0].responseHasEnded }
        guard let index = answering, exchanges[index].response != nil else { return nil }
        change(&exchanges[index])
        exchanges[index].responseHasEnded = true
        return index == 0 && exchanges[0].requestHasEnded ? exchanges.popFirst() : exchanges[index]
    }

    /// Those whose requests have a byte of the range.
    mutating func change(overlapping range: Range<UInt64>, _ change: (inout HTTPExchange) -> Void) {
        for index in exchanges.indices {
            guard let request = exchanges[index].requestRange else { continue }
            if request.lowerBound >= range.upperBound { return }
            if request.overlaps(range) { change(&exchanges[index]) }
        }
    }

    func contains(where isMeant: (HTTPExchange) -> Bool) -> Bool {
        exchanges.indices.contains { isMeant(exchanges[$0]) }
    }

    /// Forgets those that are over.
    mutating func removeEnded() {
        while !isEmpty, exchanges[0].requestHasEnded, exchanges[0].responseHasEnded { _ = exchanges.popFirst() }
    }

    mutating func removeFirst() -> HTTPExchange? { exchanges.popFirst() }
}
