import Adapters
import Protocols

/// A mapping of the configuration file that is being read key by key.
///
/// The keys that are asked for are the keys that there are: what is left over when the reader is done is unknown. A key
/// that is wrong or missing is told of and read as `nil`, so that one pass finds every problem.
final class SettingsSection {
    let context: SettingsContext
    let position: YAMLPosition
    private let entries: [YAMLEntry]
    private var known: [String] = []

    /// Reads a node that should be a mapping; `nil` when it is none, or `body` finds it unusable.
    static func read<Value>(
        _ node: YAMLNode, named name: String, _ context: SettingsContext, _ body: (SettingsSection) -> Value?
    ) -> Value? {
        switch node.content {
        case .mapping(let entries): return read(entries, node, context, body)
        // A section whose keys are all commented out.
        case .scalar("", isPlain: true): return read([], node, context, body)
        case .scalar, .sequence:
            context.report(
                node.position, "\(name) is a section with keys of its own, not \(node.kind)",
                "write its keys below it, two spaces further in, each as KEY: VALUE")
        case .refused: break
        }
        return nil
    }

    private static func read<Value>(
        _ entries: [YAMLEntry], _ node: YAMLNode, _ context: SettingsContext, _ body: (SettingsSection) -> Value?
    ) -> Value? {
        let section = SettingsSection(entries, node.position, context)
        defer { section.reportUnknown() }
        return body(section)
    }

    private init(_ entries: [YAMLEntry], _ position: YAMLPosition, _ context: SettingsContext) {
        self.entries = entries
        self.position = position
        self.context = context
    }

    // MARK: Single values

    /// `nil` when the key is not there, or its value is wrong.
    func optional<Value>(_ key: String, _ kind: SettingsValue<Value>) -> Value? {
        node(key).flatMap { kind.read($0, "“\(key)”", context) }
    }

    /// As `optional`, and its absence is a problem.
    func required<Value>(_ key: String, _ kind: SettingsValue<Value>) -> Value? {
        if node(key) == nil { reportMissing(key, kind.example) }
        return optional(key, kind)
    }

    func value<Value>(_ key: String, _ kind: SettingsValue<Value>, default standard: Value) -> Value {
        optional(key, kind) ?? standard
    }

    /// The path of a file that is to be looked at once everything has been read.
    func file(_ key: String) -> String? {
        guard let path = optional(key, .path(context.folder)) else { return nil }
        refer(key, to: .file(path: path))
        return path
    }

    /// As `file`, for one that nobody else may read.
    func secretFile(_ key: String) -> String? {
        guard let path = optional(key, .path(context.folder)) else { return nil }
        refer(key, to: .secret(path: path))
        return path
    }

    /// - Parameter name: what a problem calls it, when that is not the key.
    func refer(_ key: String, as name: String? = nil, to subject: SettingsReference.Subject) {
        context.references.append(
            SettingsReference(subject: subject, name: name ?? key, position: position(of: key)))
    }

    // MARK: Lists and sections

    /// Without the key, an empty list. One that is there and empty is a problem: it could mean all, or none.
    func list<Value>(_ key: String, _ kind: SettingsValue<Value>) -> [Value] {
        let items = items(key, example: "[\(kind.example)]")
        if node(key)?.isEmptyList == true {
            report(key, "“\(key)” is an empty list", "leave it out, or name some: [\(kind.example)]")
        }
        return items.compactMap { kind.read($0, "each of “\(key)”", context) }
    }

    func section<Value>(_ key: String, _ body: (SettingsSection) -> Value?) -> Value? {
        node(key).flatMap { Self.read($0, named: "“\(key)”", context, body) }
    }

    /// A section whose keys are free, each with one value or a list of them.
    func lists<Value>(_ key: String, _ kind: SettingsValue<Value>) -> [(key: String, values: [Value])] {
        guard let node = node(key) else { return [] }
        guard case .mapping(let entries) = node.content, !entries.isEmpty else {
            if node.content != .refused {
                report(key, "“\(key)” is a section with names as its keys", "write below it: NAME: [\(kind.example)]")
            }
            return []
        }
        return Self.read(node, named: "“\(key)”", context) { section in
            entries.compactMap { entry in
                if case .sequence = entry.value.content { return (entry.key, section.list(entry.key, kind)) }
                return section.optional(entry.key, kind).map { (entry.key, [$0]) }
            }
        } ?? []
    }

    /// A list of sections.
    ///
    /// - Parameter unique: a key whose value no two of them may share.
    func sections<Value>(
        _ key: String, unique: String? = nil, _ body: (SettingsSection) -> Value?
    ) -> [Value] {
        let nodes = items(key, example: "a list: each entry begins with “- ”")
        if let unique { reportDuplicates(nodes, key, unique) }
        return nodes.compactMap { Self.read($0, named: "each entry of “\(key)”", context, body) }
    }

    private func items(_ key: String, example: String) -> [YAMLNode] {
        guard let node = node(key) else { return [] }
        switch node.content {
        case .sequence(let items): return items
        case .scalar("", isPlain: true), .refused: return []
        case .scalar, .mapping:
            context.report(node.position, "“\(key)” is a list, not \(node.kind)", "write it as \(example)")
            return []
        }
    }

    // MARK: What is there

    func has(_ key: String) -> Bool { node(key) != nil }

    /// Tells when no key stands in it.
    func checkNotEmpty(_ cause: String, _ remedy: String) {
        if entries.isEmpty { context.report(position, cause, remedy) }
    }

    /// The key is not there, or its list is empty.
    func isEmpty(_ key: String) -> Bool { node(key)?.isEmptyList ?? true }

    /// The names of a list's entries, also of those that are wrong otherwise.
    func names(in list: String) -> [String] {
        values(in: list, of: "name").compactMap { if case .scalar(let name, _) = $0.content { name } else { nil } }
    }

    /// What a key of a list's entries says, by the entries' names.
    func texts(in list: String, of key: String) -> [String: String] {
        guard case .sequence(let items)? = node(list)?.content else { return [:] }
        var texts: [String: String] = [:]
        for case .mapping(let entries) in items.map(\.content) {
            func text(_ key: String) -> String? {
                guard case .scalar(let text, _)? = entries.first(where: { $0.key == key })?.value.content else {
                    return nil
                }
                return text
            }
            if let name = text("name") { texts[name] = text(key) }
        }
        return texts
    }

    /// Where a key of each of a list's entries stands; entries without it have no place.
    func positions(in list: String, of key: String) -> [YAMLPosition] { values(in: list, of: key).map(\.position) }

    private func values(in list: String, of key: String) -> [YAMLNode] {
        guard case .sequence(let items)? = node(list)?.content else { return [] }
        return items.compactMap { item in
            guard case .mapping(let entries) = item.content else { return nil }
            return entries.first { $0.key == key }?.value
        }
    }

    /// Where the key's value stands; else the section itself.
    func position(of key: String) -> YAMLPosition { node(key)?.position ?? position }

    private func node(_ key: String) -> YAMLNode? {
        if !known.contains(key) { known.append(key) }
        return entries.first { $0.key == key }?.value
    }

    // MARK: Problems

    /// Tells of a contradiction, at the key's place.
    func report(_ key: String, _ cause: String, _ remedy: String) {
        context.report(position(of: key), cause, remedy)
    }

    func reportMissing(_ key: String, _ example: String) {
        context.report(position, "“\(key)” is missing", "add it: \(key): \(example)")
    }

    private func reportDuplicates(_ nodes: [YAMLNode], _ list: String, _ key: String) {
        var places: [String: YAMLPosition] = [:]
        for case .mapping(let entries) in nodes.map(\.content) {
            guard let value = entries.first(where: { $0.key == key })?.value, case .scalar(let text, _) = value.content
            else { continue }
            if let first = places[text] {
                context.report(
                    value.position, "two of “\(list)” have the \(key) “\(text)”",
                    "the first is at \(first); give this one another")
            } else {
                places[text] = value.position
            }
        }
    }

    private func reportUnknown() {
        for entry in entries where !known.contains(entry.key) {
            let near = Suggestion.nearest(to: entry.key, among: known)
            context.report(
                entry.position, "unknown key “\(entry.key)”",
                near.map { "did you mean “\($0)”?" } ?? "known here: \(known.joined(separator: ", "))")
        }
    }
}

extension YAMLNode {
    var isEmptyList: Bool { content == .sequence([]) || content == .scalar("", isPlain: true) }

    /// Empty, or one of YAML 1.1's words for that.
    var isNothing: Bool {
        switch content {
        case .scalar(let text, isPlain: true): ["", "~", "null", "Null", "NULL"].contains(text)
        case .scalar(let text, isPlain: false): text.isEmpty
        case .sequence, .mapping, .refused: false
        }
    }

    /// As a problem calls it.
    var kind: String {
        switch content {
        case .scalar where isNothing: "nothing"
        // Its text may be a secret in the wrong place.
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a section"
        case .refused: "that"
        }
    }
}
