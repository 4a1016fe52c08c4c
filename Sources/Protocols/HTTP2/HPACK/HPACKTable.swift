/// The static table and a dynamic one behind it (RFC 7541 §2.3). Both peers keep one per direction.
struct HPACKTable: Sendable, Equatable {
    /// What a table may hold until a peer says otherwise (RFC 9113 §6.5.2).
    static let usualCapacity = 4096

    /// The newest comes last; those before `first` are gone.
    private var entries: [HPACKField] = []
    private var first = 0
    private(set) var size = 0
    private(set) var capacity = usualCapacity

    var dynamicCount: Int { entries.count - first }

    /// The oldest first.
    var dynamicFields: ArraySlice<HPACKField> { entries[first...] }

    /// `nil` when the index is 0 or beyond both tables.
    subscript(index: Int) -> HPACKField? {
        guard index > 0 else { return nil }
        if index <= HPACKStaticTable.fields.count { return HPACKStaticTable.fields[index - 1] }
        let age = index - HPACKStaticTable.fields.count
        return age <= dynamicCount ? entries[entries.count - age] : nil
    }

    /// Puts a field in front; what no longer fits goes. A field larger than the table empties it (§4.4).
    mutating func insert(_ field: HPACKField) {
        evict(to: capacity - field.size)
        guard field.size <= capacity else { return }
        entries.append(field)
        size += field.size
    }

    mutating func resize(_ capacity: Int) {
        self.capacity = capacity
        evict(to: capacity)
    }

    private mutating func evict(to limit: Int) {
        while size > max(0, limit), first < entries.count {
            size -= entries[first].size
            first += 1
        }
        // Removing one by one from the front would move all others each time.
        if first > entries.count / 2 {
            entries.removeFirst(first)
            first = 0
        }
    }

    /// The index of an equal field, or of one of the same name; the dynamic table's newest are found first.
    func find(_ field: HPACKField) -> (index: Int, hasValue: Bool)? {
        var named: Int?
        for index in 1..<HPACKStaticTable.fields.count + dynamicCount + 1 {
            guard let entry = self[index], entry.name == field.name else { continue }
            if entry.value == field.value { return (index, true) }
            named = named ?? index
        }
        return named.map { ($0, false) }
    }

    static func == (left: HPACKTable, right: HPACKTable) -> Bool {
        left.capacity == right.capacity && left.dynamicFields == right.dynamicFields
    }
}
