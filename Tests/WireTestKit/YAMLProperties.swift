import Adapters

/// What must hold for every text that is read as YAML. The fuzzer and the random test share it.
public enum YAMLProperties {
    /// A sentence on what does not hold, or `nil`.
    public static func violation(_ input: [UInt8]) -> String? {
        let document = YAMLDocument(parsing: input)
        if document.root == nil, document.problems.isEmpty { return "nothing was read, and nothing is wrong" }
        let places = document.problems.map(\.position)
        if zip(places, places.dropFirst()).contains(where: { $0 > $1 }) { return "problems are out of order" }
        // YAML 1.1 §5.4 has more ways to end a line than the line feed.
        if places.contains(where: { $0.line < 1 || $0.column < 1 || $0.line > input.count + 1 }) {
            return "a problem stands outside of the text"
        }
        guard document.problems.isEmpty, let root = document.root else { return nil }
        return violation(root, depth: 1)
    }

    /// Of a tree that nothing is wrong with.
    private static func violation(_ node: YAMLNode, depth: Int) -> String? {
        guard depth <= YAMLLimits().depth else { return "\(node.position): the tree is too deep" }
        switch node.content {
        case .scalar: return nil
        case .refused: return "\(node.position): something is refused, and nobody is told"
        case .sequence(let items): return items.lazy.compactMap { violation($0, depth: depth + 1) }.first
        case .mapping(let entries):
            guard Set(entries.map(\.key)).count == entries.count else { return "\(node.position): a key comes twice" }
            let places = entries.map(\.position)
            guard zip(places, places.dropFirst()).allSatisfy({ $0 < $1 }) else {
                return "\(node.position): keys are out of order"
            }
            return entries.lazy.compactMap { violation($0.value, depth: depth + 1) }.first
        }
    }
}
