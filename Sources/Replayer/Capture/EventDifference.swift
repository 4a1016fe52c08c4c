import Protocols

/// What two lists of events differ in, for people.
struct EventDifference {
    private static let linesMaximum = 200

    /// Of changed events only the members that changed are shown; of others the whole line.
    let lines: [String]

    init(expected: String, actual: String) {
        let old = Self.events(expected)
        let new = Self.events(actual)
        var lines: [String] = []
        for run in Self.runs(old, new) {
            let pairs = min(run.removed.count, run.added.count)
            for index in 0..<pairs { lines += Self.changes(run.removed[index], run.added[index]) }
            lines += run.removed.dropFirst(pairs).map { "- \(DisplayText.line($0))" }
            lines += run.added.dropFirst(pairs).map { "+ \(DisplayText.line($0))" }
        }
        let left = lines.count - Self.linesMaximum
        self.lines = left > 0 ? lines.prefix(Self.linesMaximum) + ["… (\(left) lines more)"] : lines
    }

    private static func events(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.hasSuffix(",") ? String($0.dropLast()) : String($0) }
    }

    private struct Run {
        var removed: [String] = []
        var added: [String] = []
    }

    /// What was removed and added between two lines that stayed.
    private static func runs(_ old: [String], _ new: [String]) -> [Run] {
        let difference = new.difference(from: old)
        let removed = Set(difference.removals.map(Self.offset))
        let added = Set(difference.insertions.map(Self.offset))
        var runs: [Run] = []
        var run = Run()
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if removed.contains(left) {
                run.removed.append(old[left])
                left += 1
            } else if added.contains(right) {
                run.added.append(new[right])
                right += 1
            } else {
                if !run.removed.isEmpty || !run.added.isEmpty { runs.append(exchange(&run, with: Run())) }
                (left, right) = (left + 1, right + 1)
            }
        }
        return run.removed.isEmpty && run.added.isEmpty ? runs : runs + [run]
    }

    private static func offset(_ change: CollectionDifference<String>.Change) -> Int {
        switch change {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }

    private static func changes(_ old: String, _ new: String) -> [String] {
        guard case .object(let old)? = try? JSON.parse(Array(old.utf8).span),
            case .object(let new)? = try? JSON.parse(Array(new.utf8).span)
        else { return ["- \(DisplayText.line(old))", "+ \(DisplayText.line(new))"] }
        let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
        return [headline(new)] + names.flatMap { name in changes(name, old[name], new[name]) }
    }

    /// Members of members are compared one by one.
    private static func changes(_ name: String, _ old: JSON?, _ new: JSON?) -> [String] {
        if case .object(let left)? = old, case .object(let right)? = new {
            let names = Set(left.keys).union(right.keys).filter { left[$0] != right[$0] }.sorted()
            return names.flatMap { changes("\(name).\($0)", left[$0], right[$0]) }
        }
        let text = { (sign: String, value: JSON?) in
            value.map { ["  \(sign) \(name): \(DisplayText.line(String(decoding: $0.encoded(), as: UTF8.self)))"] }
                ?? []
        }
        return text("-", old) + text("+", new)
    }

    /// Which line it is: "event 3 of flow 0".
    private static func headline(_ members: [String: JSON]) -> String {
        let type = members["type"]?.string ?? "line"
        let number = members["event"]?.unsigned.map { " \($0)" } ?? ""
        let flow = members["flow"]?.unsigned.map { " of flow \($0)" } ?? ""
        return "\(type)\(number)\(flow)"
    }
}
