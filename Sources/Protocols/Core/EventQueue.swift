/// Gives events out in the order in which they began, though they end in another.
///
/// Whatever begins takes a ticket. What has ended waits for those with lower tickets, unless so many wait that order
/// costs too much memory: then they go first.
public struct EventQueue: Sendable {
    public typealias Ticket = UInt64

    private struct Slot: Sendable {
        let ticket: Ticket
        var isOpen: Bool
        var event: TimelineEvent?
        var heldCount = 0
    }

    /// Events that may wait for an earlier one.
    private static let waitingMaximum = 10_000

    private var slots: [Slot] = []
    private var nextTicket: Ticket = 1
    private var sequence: UInt64 = 0
    /// Roughly what the events hold that wait, as far as whoever closed them has said.
    public private(set) var heldCount = 0

    public init() {}

    /// Nothing is open, and nothing waits to be drained.
    public var isEmpty: Bool { slots.isEmpty }

    /// Something begins.
    public mutating func open() -> Ticket {
        defer { nextTicket += 1 }
        slots.append(Slot(ticket: nextTicket, isOpen: true, event: nil))
        return nextTicket
    }

    /// What took the ticket has ended; `nil` when there is nothing to tell of it.
    ///
    /// - Parameter count: bytes that the event holds, for ``heldCount``.
    public mutating func close(_ ticket: Ticket, _ event: TimelineEvent?, holding count: Int = 0) {
        guard let index = index(of: ticket) else { return }
        slots[index].isOpen = false
        slots[index].event = event
        slots[index].heldCount = count
        heldCount += count
    }

    /// Something that begins and ends at once.
    public mutating func add(_ event: TimelineEvent) { close(open(), event) }

    /// The events that nothing earlier holds back, numbered from 1.
    public mutating func drain() -> [TimelineEvent] {
        var events: [TimelineEvent] = []
        var kept = slots.firstIndex(where: \.isOpen) ?? slots.count
        if kept == 0, slots.count <= Self.waitingMaximum { return [] }
        for slot in slots[..<kept] { number(slot, &events) }
        if slots.count - kept > Self.waitingMaximum {
            for slot in slots[kept...] where !slot.isOpen { number(slot, &events) }
            slots = slots[kept...].filter(\.isOpen)
            kept = 0
        }
        slots.removeFirst(kept)
        return events
    }

    private mutating func number(_ slot: Slot, _ events: inout [TimelineEvent]) {
        heldCount -= slot.heldCount
        guard var event = slot.event else { return }
        sequence += 1
        event.sequence = sequence
        events.append(event)
    }

    /// Tickets stand in order.
    private func index(of ticket: Ticket) -> Int? {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].ticket < ticket { low = middle + 1 } else { high = middle }
        }
        return low < slots.count && slots[low].ticket == ticket ? low : nil
    }
}
