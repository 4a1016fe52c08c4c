/// Why settings that are well-formed cannot be put to work: a certificate that is none, a key that is another's.
public struct AssemblyFault: Error, Sendable, Hashable, CustomStringConvertible {
    public var cause: String
    public var remedy: String

    public var description: String { "\(cause); \(remedy)" }

    init(_ cause: String, _ remedy: String) {
        self.cause = cause
        self.remedy = remedy
    }

    init(_ error: FileUnusable) { self.init(error.cause, error.remedy) }
}
