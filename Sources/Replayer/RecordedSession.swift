/// What an export is made of: one recording, or all recordings of a session that several connections shared.
public struct RecordedSession: Sendable {
    public var paths: [String]
    /// The key that the recordings share; `nil` for one that is read for itself.
    public var key: String?

    public init(_ path: String) {
        paths = [path]
        key = nil
    }

    public init(_ paths: [String], key: String) {
        self.paths = paths
        self.key = key
    }
}
