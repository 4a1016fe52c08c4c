/// A message that was held until all of it was there, so that it can be judged whole.
public struct GatheredMessage: Sendable, Equatable {
    /// The head's own bytes; what frames the content follows, with the content in it.
    public var head: Range<Int>
    /// The content's pieces, without what frames them.
    public var content: [Range<Int>]
    /// Whether that is all; else it is longer than was to be held.
    public var isComplete: Bool

    public init(head: Range<Int>, content: [Range<Int>], isComplete: Bool) {
        self.head = head
        self.content = content
        self.isComplete = isComplete
    }

    /// Pieces that lie side by side become one.
    mutating func append(_ piece: Range<Int>) {
        if let last = content.last, last.upperBound == piece.lowerBound {
            content[content.count - 1] = last.lowerBound..<piece.upperBound
        } else {
            content.append(piece)
        }
    }
}
