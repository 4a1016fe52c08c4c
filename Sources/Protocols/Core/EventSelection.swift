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

    /// One bit per name. Some share one: then whoever asks for one of them gets the other, too.
    private let bits: UInt64

    public static let everything = EventSelection(bits: .max)

    /// - Parameter fields: names as in ``TimelineEvent/Field/name``.
    public init(fields: some Sequence<String>) {
        self.init(bits: fields.reduce(0) { $0 | Self.bit($1) })
    }

    private init(bits: UInt64) { self.bits = bits }

    /// Whether the field is asked for, or may be.
    public func mayHaveField(_ name: Name) -> Bool { bits & name.bit != 0 }

    /// Fields that an event may well have of those that are asked for.
    var expectedCount: Int { min(bits.nonzeroBitCount, 8) }

    private static func bit(_ name: String) -> UInt64 {
        let hash = name.utf8.reduce(0) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }
        return 1 << (hash >> 40 & 63)
    }
}
