/// Where in the client's stream a request stands.
struct PostgresAsked: Sendable, Equatable {
    var start: Timestamp
    var range: Range<UInt64>
    /// Of the messages within the range that belong to the request.
    var byteCount: UInt64

    init(start: Timestamp, range: Range<UInt64>) {
        self.start = start
        self.range = range
        byteCount = range.upperBound - range.lowerBound
    }

    /// Together with a later one.
    func joined(_ later: PostgresAsked) -> PostgresAsked {
        let end = max(range.upperBound, later.range.upperBound)
        var joined = PostgresAsked(start: start, range: range.lowerBound..<end)
        joined.byteCount = byteCount &+ later.byteCount
        return joined
    }
}

/// The columns of a result.
struct PostgresColumns: Sendable, Equatable {
    var names: [String] = []
    var types: [UInt32] = []

    var isEmpty: Bool { types.isEmpty }

    init() {}

    /// The first ones; their names only if they are to be told.
    init(_ description: PostgresMessage.RowDescription, _ bytes: Span<UInt8>, _ selection: EventSelection) {
        let isTold = selection.mayHaveField(PostgresFields.result)
        let count = min(description.count, PostgresStatementDraft.columnsShown)
        types.reserveCapacity(count)
        if isTold { names.reserveCapacity(count) }
        var reader = description.columns
        while types.count < count, let column = try? reader.next(in: bytes) {
            types.append(column.type)
            if isTold {
                names.append(DisplayText.decode(bytes.extracting(column.name), limit: PostgresConversation.sqlShown))
            }
        }
    }
}

/// A prepared statement as its Parse made it, and Describe told of it. Shared by all that speak of it.
final class PostgresStatement: Sendable {
    /// Tells this statement from others of the same name; 0 for one that was made before the recording begins.
    let id: UInt64
    let name: String
    let sql: String
    let parameterTypes: [UInt32]
    let columns: PostgresColumns

    init(id: UInt64, name: String, sql: String, parameterTypes: [UInt32] = [], columns: PostgresColumns = .init()) {
        self.id = id
        self.name = name
        self.sql = sql
        self.parameterTypes = parameterTypes
        self.columns = columns
    }

    /// The same statement, as far as it is known by now.
    func described(columns: PostgresColumns? = nil, parameterTypes: [UInt32]? = nil) -> PostgresStatement {
        PostgresStatement(
            id: id, name: name, sql: sql, parameterTypes: parameterTypes ?? self.parameterTypes,
            columns: columns ?? self.columns)
    }
}

/// What stands under a statement's name.
struct PostgresPreparedStatement: Sendable {
    var statement: PostgresStatement
    /// Its Parse, until the server has answered it, or a Bind before that has made it part of a statement's event.
    var asked: PostgresAsked?

    /// Roughly, what it holds in memory.
    var cost: Int {
        200 + statement.sql.utf8.count + statement.name.utf8.count + 4 * statement.parameterTypes.count
            + 40 * statement.columns.types.count
    }
}

/// The formats of a result's columns.
struct PostgresResultFormats: Sendable {
    /// One per column, the last one for those after it, too; empty where all are in text format.
    let columns: [PostgresFormat]

    static var text: PostgresResultFormats { PostgresResultFormats([]) }

    init(_ columns: [PostgresFormat]) { self.columns = columns }

    /// Those that a Bind asks for, as far as columns are told.
    init(_ formats: PostgresFormats, in bytes: Span<UInt8>) {
        let count = min(formats.count, PostgresStatementDraft.columnsShown)
        let isText = (0..<count).allSatisfy { formats.format($0, in: bytes) == .text }
        columns = isText ? [] : (0..<count).map { formats.format($0, in: bytes) }
    }

    subscript(column: Int) -> PostgresFormat {
        columns.isEmpty ? .text : columns[min(column, columns.count - 1)]
    }
}

/// A portal as its Bind made it.
final class PostgresPortal: Sendable {
    let name: String
    let statement: PostgresStatement
    let parameters: PostgresParameters
    let resultFormats: PostgresResultFormats

    init(
        name: String, statement: PostgresStatement, parameters: PostgresParameters = .init(),
        resultFormats: PostgresResultFormats = .text
    ) {
        self.name = name
        self.statement = statement
        self.parameters = parameters
        self.resultFormats = resultFormats
    }
}

/// What stands under a portal's name.
struct PostgresOpenPortal: Sendable {
    let portal: PostgresPortal
    /// Its Bind, and the Parse before it, until the server has answered or an Execute before that has taken them.
    var asked: PostgresAsked?
    var wasExecuted = false

    /// Roughly, what it holds in memory.
    var cost: Int { 300 + portal.parameters.cost }
}
