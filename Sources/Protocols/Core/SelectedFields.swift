/// The fields of an event to be, of which only those that are asked for are made.
struct SelectedFields {
    let selection: EventSelection
    private(set) var all: [TimelineEvent.Field] = []

    init(_ selection: EventSelection) { self.selection = selection }

    /// - Parameter value: `nil` where the event has no such field.
    mutating func add(_ name: EventSelection.Name, _ value: @autoclosure () -> TimelineEvent.Value?) {
        guard selection.mayHaveField(name), let value = value() else { return }
        if all.isEmpty { all.reserveCapacity(selection.expectedCount) }
        all.append(.init(name.text, value))
    }

    /// Fields that are there already.
    mutating func add(_ fields: [TimelineEvent.Field]) { all += fields }
}
