/// The requests that a connection's server has yet to answer, oldest first.
struct HTTPRequestQueue: Sendable, Equatable {
    /// What of a request decides how its response is read.
    struct Entry: Sendable, Equatable {
        var method: HTTPMethod
        var upgrade: HTTPUpgrade

        /// Stands for a request that a capture missed.
        static var unknown: Entry { Entry(method: .other, upgrade: .none) }
    }

    private var entries: [Entry] = []
    private var first = 0

    var count: Int { entries.count - first }
    var isEmpty: Bool { first == entries.count }
    var oldest: Entry? { isEmpty ? nil : entries[first] }

    /// Nothing after such a request can be read before its response: it decides which protocol that is in.
    var endsInUpgrade: Bool {
        guard !isEmpty, let last = entries.last else { return false }
        return last.upgrade != .none || last.method == .connect
    }

    mutating func append(_ request: HTTPRequestHead) {
        entries.append(Entry(method: request.method, upgrade: request.upgrade))
    }

    mutating func removeOldest() {
        guard !isEmpty else { return }
        first += 1
        // Keeps the memory of the usual case, one request at a time, and moves the rest of others rarely.
        if first == entries.count || first >= 64 {
            entries.removeSubrange(0..<first)
            first = 0
        }
    }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        first = 0
    }

    func append(to bytes: inout [UInt8]) {
        for entry in entries[first...] { bytes += [entry.method.rawValue, entry.upgrade.rawValue] }
    }

    init() {}

    init?(snapshot: Span<UInt8>) {
        guard snapshot.count % 2 == 0 else { return nil }
        for index in 0..<(snapshot.count / 2) {
            guard let method = HTTPMethod(rawValue: snapshot[2 * index]),
                let upgrade = HTTPUpgrade(rawValue: snapshot[2 * index + 1])
            else { return nil }
            entries.append(Entry(method: method, upgrade: upgrade))
        }
    }
}
