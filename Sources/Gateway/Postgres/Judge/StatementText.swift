import Protocols

/// A statement's text, as a person may read it who has to decide about it.
enum StatementText {
    /// Bytes of the text that are shown.
    private static let limit = 2_000

    /// - Parameter verdict: names what is secret in the message whose text this is.
    static func shown(_ text: Span<UInt8>, _ verdict: Verdict) -> String {
        if case .forwardRedacted = verdict { return "a statement that holds a secret" }
        return DisplayText.line(DisplayText.decode(text, limit: limit))
    }
}
