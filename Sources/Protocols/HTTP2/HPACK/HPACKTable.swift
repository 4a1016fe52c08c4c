/// The static table and a dynamic one behind it (RFC 7541 §2.3). Both peers keep one per direction.
struct HPACKTable: Sendable, Equatable {
    /// What a table may hold until a peer says otherwise (RFC 9113 §6.5.2).
    static let usualCapacity = 4096

    private let fixed = HPACKStaticTable.list
    /// The newest comes last; those before `first` are gone.
    private var entries = HPACKHeaderList()
    private var first = 0
    private(set) var capacity = usualCapacity

    var dynamicCount: Int { entries.fields.count - first }

    /// The oldest first.
    var dynamicFields: [HPACKField] { entries.fields[first...].map(entries.whole) }

    /// What the dynamic table's fields cost (§4.1).
    var size: Int {
        guard dynamicCount > 0 else { return 0 }
        return entries.bytes.count - entries.fields[first].start + 32 * dynamicCount
    }

    /// Copies a field to the end of the list; false when the index is 0 or beyond both tables.
    func copy(_ index: Int, to list: inout HPACKHeaderList) -> Bool {
        switch place(index) {
        case .fixed(let place): list.append(fixed.fields[place], of: fixed)
        case .dynamic(let place): list.append(entries.fields[place], of: entries)
        case nil: return false
        }
        return true
    }

    /// Begins a field at the end of the list that has another's name; false when the index is 0 or beyond both tables.
    func copyName(_ index: Int, to list: inout HPACKHeaderList) -> Bool {
        switch place(index) {
        case .fixed(let place): list.begin(nameOf: fixed.fields[place], of: fixed)
        case .dynamic(let place): list.begin(nameOf: entries.fields[place], of: entries)
        case nil: return false
        }
        return true
    }

    private enum Place {
        case fixed(Int)
        case dynamic(Int)
    }

    private func place(_ index: Int) -> Place? {
        guard index > 0 else { return nil }
        if index <= fixed.fields.count { return .fixed(index - 1) }
        let age = index - fixed.fields.count
        return age <= dynamicCount ? .dynamic(entries.fields.count - age) : nil
    }

    /// Puts a list's field in front; what no longer fits goes. A field larger than the table empties it (§4.4).
    mutating func insert(_ field: HPACKHeaderList.Field, of list: borrowing HPACKHeaderList) {
        let size = field.end - field.start + 32
        evict(to: capacity - size)
        guard size <= capacity else { return }
        // What most connections ever put there: one allocation for all bytes, and one for all fields.
        if entries.fields.isEmpty { entries.reserve(bytes: 500, fields: 12) }
        entries.append(field, of: list)
    }

    mutating func insert(_ field: HPACKField) {
        let list = HPACKHeaderList([field])
        insert(list.fields[0], of: list)
    }

    mutating func resize(_ capacity: Int) {
        self.capacity = capacity
        evict(to: capacity)
    }

    private mutating func evict(to limit: Int) {
        while size > max(0, limit) { first += 1 }
        // Removing one by one from the front would move all others each time.
        if first > entries.fields.count / 2 {
            entries.removeFirst(first)
            first = 0
        }
    }

    /// The index of an equal field, or of one of the same name; the dynamic table's newest are found first.
    func find(_ field: HPACKField) -> (index: Int, hasValue: Bool)? {
        var named: Int?
        for index in 1..<fixed.fields.count + dynamicCount + 1 {
            guard let (list, entry) = entry(index), list.bytes[entry.nameRange].elementsEqual(field.name) else {
                continue
            }
            if list.bytes[entry.valueRange].elementsEqual(field.value) { return (index, true) }
            named = named ?? index
        }
        return named.map { ($0, false) }
    }

    private func entry(_ index: Int) -> (HPACKHeaderList, HPACKHeaderList.Field)? {
        switch place(index) {
        case .fixed(let place): (fixed, fixed.fields[place])
        case .dynamic(let place): (entries, entries.fields[place])
        case nil: nil
        }
    }

    static func == (left: HPACKTable, right: HPACKTable) -> Bool {
        left.capacity == right.capacity && left.dynamicFields == right.dynamicFields
    }
}
