extension String {
    /// The text with spaces behind, so that columns stand.
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
