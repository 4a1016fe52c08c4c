/// Where a segment begins.
public struct SegmentPlace: Sendable, Hashable {
    /// Of its header, in the file.
    public var fileOffset: UInt64
    public var number: UInt64

    public static let first = SegmentPlace(fileOffset: 0, number: 0)

    public init(fileOffset: UInt64, number: UInt64) {
        self.fileOffset = fileOffset
        self.number = number
    }
}
