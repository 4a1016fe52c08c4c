/// What a reader of events asks for, so that a timeline need not make what costs much and nobody reads.
///
/// A field that is asked for is the same whatever else is. One that is not may be missing, or be there all the same.
public struct EventSelection: Sendable, Hashable {
    /// `nil`: all of them.
    private let names: Set<String>?

    public static let everything = EventSelection(names: nil)

    /// - Parameter fields: names as in ``TimelineEvent/Field/name``.
    public init(fields: some Sequence<String>) { self.init(names: Set(fields)) }

    private init(names: Set<String>?) { self.names = names }

    /// To be asked once per connection, not per event.
    public func hasField(_ name: String) -> Bool { names?.contains(name) ?? true }

    public func hasAnyField(_ names: [String]) -> Bool { names.contains(where: hasField) }
}
