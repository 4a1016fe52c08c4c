/// A YAML file as a bounded tree of nodes that know their places, for files that people write by hand.
///
/// Of YAML 1.1 the part that says things once is accepted: mappings, sequences, scalars. Anchors, aliases and merge keys (one
/// place would mean what another says, and a small file could mean a huge one), tags, duplicate keys, and second documents
/// are problems. Scalars stay text; what they mean, their reader decides.
public struct YAMLDocument: Sendable {
    /// `nil` when the file cannot be read as a whole.
    public private(set) var root: YAMLNode?
    /// In the order of the file.
    public private(set) var problems: [YAMLProblem] = []

    private let limits: YAMLLimits
    private var nodeCount = 0

    public init(parsing bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) {
        self.limits = limits
        do throws(YAMLProblem) { root = try document(bytes) } catch { problems.append(error) }
        problems.sort { $0.position < $1.position }
    }

    private mutating func document(_ bytes: [UInt8]) throws(YAMLProblem) -> YAMLNode {
        let start = YAMLPosition(line: 1, column: 1)
        guard bytes.count <= limits.byteCount else {
            throw YAMLProblem(
                start, "the file has \(bytes.count) bytes", "it may have \(limits.byteCount >> 20) MiB at most")
        }
        let parser = YAMLParser(bytes)
        _ = try parser.next()
        guard try parser.next().kind == .documentStart else {
            throw YAMLProblem(start, "the file is empty", "begin with the line “version: 1”")
        }
        let root = try value(try parser.next(), parser, depth: 0)
        _ = try parser.next()
        let after = try parser.next()
        guard after.kind == .streamEnd else {
            throw YAMLProblem(
                after.position, "a second document begins here", "everything stands in one: remove the line “---”")
        }
        return root
    }

    // MARK: Values

    private mutating func value(
        _ event: YAMLEvent, _ parser: YAMLParser, depth: Int
    ) throws(YAMLProblem) -> YAMLNode {
        nodeCount += 1
        guard nodeCount <= limits.nodeCount else {
            throw YAMLProblem(event.position, "the file holds more than \(limits.nodeCount) values", "shorten it")
        }
        guard depth < limits.depth else {
            throw YAMLProblem(
                event.position, "values lie more than \(limits.depth) deep in each other",
                "is a bracket not closed, or a line indented too far?")
        }
        refuseProperties(of: event)
        switch event.kind {
        case .scalar(let text, let isPlain): return YAMLNode(.scalar(text, isPlain: isPlain), at: event.position)
        case .sequenceStart: return try sequence(event.position, parser, depth: depth)
        case .mappingStart: return try mapping(event.position, parser, depth: depth)
        case .alias, .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            return YAMLNode(.refused, at: event.position)
        }
    }

    private mutating func sequence(
        _ position: YAMLPosition, _ parser: YAMLParser, depth: Int
    ) throws(YAMLProblem) -> YAMLNode {
        var items: [YAMLNode] = []
        while true {
            let event = try parser.next()
            if event.kind == .sequenceEnd { return YAMLNode(.sequence(items), at: position) }
            items.append(try value(event, parser, depth: depth + 1))
        }
    }

    private mutating func mapping(
        _ position: YAMLPosition, _ parser: YAMLParser, depth: Int
    ) throws(YAMLProblem) -> YAMLNode {
        var entries: [YAMLEntry] = []
        var places: [String: YAMLPosition] = [:]
        while true {
            let event = try parser.next()
            if event.kind == .mappingEnd { return YAMLNode(.mapping(entries), at: position) }
            let key = try value(event, parser, depth: depth + 1)
            let value = try value(try parser.next(), parser, depth: depth + 1)
            guard let name = name(key) else { continue }
            if let first = places.updateValue(key.position, forKey: name) {
                places[name] = first
                problems.append(
                    YAMLProblem(
                        key.position, "the key “\(name)” stands here for a second time", "the first is at \(first)"))
            } else {
                entries.append(YAMLEntry(key: name, position: key.position, value: value))
            }
        }
    }

    // MARK: What is refused

    private mutating func name(_ key: YAMLNode) -> String? {
        switch key.content {
        case .scalar("<<", isPlain: true):
            problems.append(
                YAMLProblem(key.position, "merge keys (<<) are not accepted", "write the keys out where they count"))
        case .scalar(let name, _): return name
        case .sequence, .mapping:
            problems.append(YAMLProblem(key.position, "a key is a word, not a list or a section", "write KEY: VALUE"))
        case .refused: break
        }
        return nil
    }

    private mutating func refuseProperties(of event: YAMLEvent) {
        if event.kind == .alias {
            problems.append(
                YAMLProblem(
                    event.position, "aliases (*name) are not accepted",
                    "write the value out; text that begins with * stands in quotes"))
        }
        if event.isAnchored {
            problems.append(
                YAMLProblem(
                    event.position, "anchors (&name) are not accepted",
                    "leave it out; text that begins with & stands in quotes"))
        }
        if event.isTagged {
            problems.append(
                YAMLProblem(
                    event.position, "tags (!name) are not accepted",
                    "leave it out; text that begins with ! stands in quotes"))
        }
    }
}
