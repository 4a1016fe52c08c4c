/// A YAML value, and where it stands.
public struct YAMLNode: Sendable, Hashable {
    public indirect enum Content: Sendable, Hashable {
        /// Text as written; `isPlain` when it stands without quotes, so that it may mean a number or a truth value.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// In the order of the file; no key comes twice.
        case mapping([YAMLEntry])
        /// Something that is not accepted and has been told of.
        case refused
    }

    public var content: Content
    public var position: YAMLPosition

    public init(_ content: Content, at position: YAMLPosition) {
        self.content = content
        self.position = position
    }
}

/// One key of a mapping with its value.
public struct YAMLEntry: Sendable, Hashable {
    public var key: String
    /// Where the key stands.
    public var position: YAMLPosition
    public var value: YAMLNode
}

/// A place in a file: lines and columns (in characters) count from 1.
public struct YAMLPosition: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public var description: String { "\(line):\(column)" }

    public static func < (left: YAMLPosition, right: YAMLPosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// What is wrong at one place of a file, and what to do about it.
public struct YAMLProblem: Error, Sendable, Hashable, CustomStringConvertible {
    public var position: YAMLPosition
    public var cause: String
    public var remedy: String

    public init(_ position: YAMLPosition, _ cause: String, _ remedy: String) {
        self.position = position
        self.cause = cause
        self.remedy = remedy
    }

    public var description: String { "\(position): \(cause); \(remedy)" }
}

/// How much a file may hold.
public struct YAMLLimits: Sendable, Hashable {
    /// The length of the text, in bytes.
    public var byteCount = 4 << 20
    /// How deep values may lie in each other; a count.
    public var depth = 12
    /// Values of all kinds; a count.
    public var nodeCount = 500_000

    public init() {}
}
