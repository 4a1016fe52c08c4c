/// Gives events out in the order in which they began, though they end in another.
///
/// Whatever begins takes a ticket. What has ended waits for those with lower tickets, unless so many wait that order
/// costs too much memory: then they go first.
public struct EventQueue: Sendable {
    public typealias Ticket = UInt64

    private struct Slot: Sendable {
        let ticket: Ticket
        var isOpen: Bool
        /// Open, but with an event already.
        var isHeld = false
        var event: TimelineEvent?
        var heldCount = 0
    }

    /// Events that may wait for an earlier one.
    private static let waitingMaximum = 10_000

    /// Slots whose memory an empty queue keeps.
    private static let slotsKept = 16

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

    /// What took the ticket has ended, and there is nothing to tell of it.
    public mutating func close(_ ticket: Ticket) {
        if let index = index(of: ticket) { slots[index].isOpen = false }
    }

    /// What took the ticket has ended; `nil` when there is nothing to tell of it.
    ///
    /// - Parameter count: bytes that the event holds, for ``heldCount``.
    public mutating func close(_ ticket: Ticket, _ event: consuming TimelineEvent?, holding count: Int = 0) {
        guard let index = index(of: ticket) else { return }
        slots[index].isOpen = false
        slots[index].event = consume event
        slots[index].heldCount = count
        heldCount += count
    }

    /// What took the ticket has ended, but what is told of it may change until ``settle(_:_:)``.
    public mutating func hold(_ ticket: Ticket, _ event: consuming TimelineEvent) {
        guard let index = index(of: ticket) else { return }
        slots[index].event = consume event
        slots[index].isHeld = true
    }

    /// Changes an event that is held.
    @inline(__always)
    mutating func change(_ ticket: Ticket, _ body: (inout TimelineEvent) -> Void) {
        if let index = index(of: ticket), slots[index].isHeld { body(&slots[index].event!) }
    }

    /// Changes an event that is held, and lets go of it.
    @inline(__always)
    mutating func settle(_ ticket: Ticket, _ body: (inout TimelineEvent) -> Void) {
        guard let index = index(of: ticket), slots[index].isHeld else { return }
        body(&slots[index].event!)
        slots[index].isOpen = false
        slots[index].isHeld = false
    }

    /// Something that begins and ends at once.
    public mutating func add(_ event: consuming TimelineEvent) {
        slots.append(Slot(ticket: nextTicket, isOpen: false, event: consume event))
        nextTicket += 1
    }

    /// The events that nothing earlier holds back, numbered from 1.
    public mutating func drain() -> [TimelineEvent] {
        var kept = 0
        while kept < slots.count, !slots[kept].isOpen { kept += 1 }
        let isFull = slots.count - kept > Self.waitingMaximum
        guard kept > 0 || isFull else { return [] }
        var events: [TimelineEvent] = []
        events.reserveCapacity(kept)
        for index in slots.indices where index < kept || isFull && !slots[index].isOpen { take(index, &events) }
        if kept == slots.count {
            slots.removeAll(keepingCapacity: kept <= Self.slotsKept)
        } else {
            slots.removeFirst(kept)
            if isFull { slots.removeAll { !$0.isOpen } }
        }
        return events
    }

    private mutating func take(_ index: Int, _ events: inout [TimelineEvent]) {
        heldCount -= slots[index].heldCount
        guard let event = slots[index].event.take() else { return }
        sequence += 1
        events.append(consume event)
        events[events.count - 1].sequence = sequence
    }

    /// Tickets stand in order.
    private func index(of ticket: Ticket) -> Int? {
        // None is missing, unless so many waited that some went before others.
        guard !slots.isEmpty, ticket >= slots[0].ticket else { return nil }
        let place = Int(ticket - slots[0].ticket)
        if place < slots.count, slots[place].ticket == ticket { return place }
        var low = 0
        var high = min(place, slots.count)
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].ticket < ticket { low = middle + 1 } else { high = middle }
        }
        return low < slots.count && slots[low].ticket == ticket ? low : nil
    }
}
