/// What a reader of events asks for, so that a timeline need not make what costs much and nobody reads.
///
/// A field that is asked for is the same whatever else is. One that is not may be missing, or be there all the same.
public struct EventSelection: Sendable, Hashable {
    /// A field's name, made ready to be asked for once per event.
    public struct Name: Sendable {
        public let text: String
        fileprivate let bit: UInt64

        public init(_ text: String) {
            self.text = text
            bit = EventSelection.bit(text)
        }
    }

    /// `nil`: all of them.
    private let names: Set<String>?
    /// One bit per name. Some share one: then whoever asks for one of them gets the other, too.
    private let bits: UInt64

    public static let everything = EventSelection(names: nil, bits: .max)

    /// - Parameter fields: names as in ``TimelineEvent/Field/name``.
    public init(fields: some Sequence<String>) {
        let names = Set(fields)
        self.init(names: names, bits: names.reduce(0) { $0 | Self.bit($1) })
    }

    private init(names: Set<String>?, bits: UInt64) {
        self.names = names
        self.bits = bits
    }

    /// To be asked once per connection, not per event.
    public func hasField(_ name: String) -> Bool { names?.contains(name) ?? true }

    /// Whether the field is asked for, or may be: fast enough to be asked per event.
    public func mayHaveField(_ name: Name) -> Bool { bits & name.bit != 0 }

    public func hasAnyField(_ names: [String]) -> Bool { names.contains(where: hasField) }

    /// Fields that an event may well have of those that are asked for.
    fileprivate var expectedCount: Int { min(bits.nonzeroBitCount, 8) }

    private static func bit(_ name: String) -> UInt64 {
        let hash = name.utf8.reduce(0) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }
        return 1 << (hash >> 40 & 63)
    }
}

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
