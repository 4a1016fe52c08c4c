/// What verification said of the recording, for the top of its page.
public struct PageSeal: Sendable {
    public enum Result: String, Sendable {
        /// Every byte fits a trusted signature.
        case holds
        /// Something was changed.
        case altered
        /// Neither is proven.
        case doubtful
    }

    public var result: Result
    /// A few words.
    public var title: String
    /// By whom and when, or what is wrong.
    public var text: String

    public init(_ result: Result, title: String, text: String) {
        self.result = result
        self.title = title
        self.text = text
    }
}
