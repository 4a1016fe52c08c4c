import Protocols

/// Takes tools that a caller may not use out of what a server lists. All else stays as it came, order and cursors too.
struct ToolListFilter: Sendable {
    /// Whether a tool of that name is not to be shown.
    let hides: @Sendable (String) -> Bool

    /// Lists differ from caller to caller, and with the rules: caches of the 2026-07-28 revision may keep them for one caller,
    /// and not for longer than this; milliseconds.
    private static let cacheLimit: Int64 = 10_000

    enum Outcome: Equatable {
        case unchanged
        case edited([UInt8])
        /// It lists tools in a way that cannot be read, and could show one that is hidden.
        case unreadable
    }

    /// - Parameter text: one JSON-RPC message, or a batch of them.
    func filter(_ text: [UInt8]) -> Outcome {
        let json: JSON
        do throws(JSONFault) { json = try JSON.parse(text.span, depth: 256) } catch { return .unreadable }
        guard Self.listsTools(json) else { return .unchanged }
        let ranges = JSONRanges(text: text)
        let messages = json.array == nil ? [ranges.root] : ranges.elements(of: ranges.root)
        var edits: [Edit] = []
        for message in messages {
            guard let result = ranges.members(of: message).last(where: { $0.name == "result" }) else { continue }
            edits += self.edits(of: ranges.members(of: result.value), ranges)
        }
        return edits.isEmpty ? .unchanged : .edited(Self.apply(edits, to: text))
    }

    /// - Parameter stream: a whole event stream, whose events' data are such texts.
    func filter(events stream: [UInt8]) -> Outcome {
        var events: [SSEEvent] = []
        var decoder = SSEDecoder(limit: stream.count)
        decoder.read(stream.span) { if case .event(let event) = $0 { events.append(event) } }
        var edits: [Edit] = []
        // Other data than JSON is no list, such as the target that a stream of revision 2024-11-05 names.
        for event in events where event.type != "endpoint" && CallReading.couldBeJSON(event.data.span) {
            switch filter(event.data) {
            case .unchanged: break
            case .unreadable: return .unreadable
            case .edited(let data):
                let id = event.lastEventID.isEmpty ? nil : event.lastEventID
                let range = Int(event.range.lowerBound)..<Int(event.range.upperBound)
                edits.append(Edit(range: range, bytes: SSEEvent.encode(data.span, type: event.type, id: id)))
            }
        }
        return edits.isEmpty ? .unchanged : .edited(Self.apply(edits, to: stream))
    }

    private static func listsTools(_ json: JSON) -> Bool {
        if let messages = json.array { return messages.contains { listsTools($0) } }
        return json["result"]?["tools"] != nil
    }

    // MARK: Editing

    private struct Edit {
        let range: Range<Int>
        let bytes: [UInt8]
    }

    private func edits(of result: [JSONRanges.Member], _ ranges: JSONRanges) -> [Edit] {
        guard let tools = result.first(where: { $0.name == "tools" }) else { return [] }
        var edits = result.compactMap { Self.cacheEdit($0, ranges) }
        let elements = ranges.elements(of: tools.value)
        let kept = elements.filter { !isHidden($0, ranges) }
        guard kept.count < elements.count || elements.isEmpty && !isEmptyArray(tools.value, ranges) else {
            return edits
        }
        let separator = UInt8(ascii: ",")
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        bytes += kept.map { Array(ranges.text[$0]) }.joined(separator: [separator])
        bytes.append(UInt8(ascii: "]"))
        edits.append(Edit(range: tools.value, bytes: bytes))
        return edits
    }

    private func isEmptyArray(_ range: Range<Int>, _ ranges: JSONRanges) -> Bool {
        ranges.text[range.lowerBound] == UInt8(ascii: "[")
    }

    /// What has no name is no tool, and might be taken for one.
    private func isHidden(_ tool: Range<Int>, _ ranges: JSONRanges) -> Bool {
        let json = try? JSON.parse(ranges.text.span.extracting(tool), depth: 256)
        return json?["name"]?.string.map(hides) ?? true
    }

    private static func cacheEdit(_ member: JSONRanges.Member, _ ranges: JSONRanges) -> Edit? {
        switch member.name {
        case "cacheScope": return Edit(range: member.value, bytes: Array("\"private\"".utf8))
        case "ttlMs":
            let value = (try? JSON.parse(ranges.text.span.extracting(member.value)))?.integer
            guard let value, value <= cacheLimit else {
                return Edit(range: member.value, bytes: Array(String(cacheLimit).utf8))
            }
            return nil
        default: return nil
        }
    }

    private static func apply(_ edits: [Edit], to text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var at = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            output += text[at..<edit.range.lowerBound]
            output += edit.bytes
            at = edit.range.upperBound
        }
        return output + text[at...]
    }
}
