import CSQLite

/// An open SQLite database. Owns the connection and closes it in `deinit`; statements keep to its lifetime.
@safe
final class Database {
    let path: String
    private let handle: OpaquePointer

    /// Opens the database, or makes it.
    init(_ path: String) throws(StoreFault) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            unsafe sqlite3_close_v2(opened)
            throw .refused(path: path, reason: "cannot be opened as a database (SQLite error \(code))")
        }
        self.path = path
        unsafe self.handle = handle
        unsafe sqlite3_busy_timeout(handle, 5000)
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// Runs statements that take nothing and give nothing.
    func run(_ sql: String) throws(StoreFault) {
        guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw fault() }
    }

    func prepare(_ sql: String) throws(StoreFault) -> Statement {
        var prepared: OpaquePointer?
        guard unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK, let raw = unsafe prepared else {
            throw fault()
        }
        return unsafe Statement(raw, of: self)
    }

    /// All of `body`, or nothing of it.
    func transaction(_ body: () throws(StoreFault) -> Void) throws(StoreFault) {
        try run("BEGIN IMMEDIATE")
        do throws(StoreFault) { try body() } catch {
            try? run("ROLLBACK")
            throw error
        }
        try run("COMMIT")
    }

    fileprivate func fault() -> StoreFault {
        .refused(path: path, reason: "SQLite: \(unsafe String(cString: sqlite3_errmsg(handle)))")
    }
}

/// One prepared statement. Owns it, and finalizes it in `deinit`.
@safe
final class Statement {
    enum Value: Hashable {
        case null
        case integer(Int64)
        case text(String)
    }

    private let raw: OpaquePointer
    private let database: Database

    fileprivate init(_ raw: OpaquePointer, of database: Database) {
        unsafe self.raw = raw
        self.database = database
    }

    deinit { unsafe sqlite3_finalize(raw) }

    /// Runs it once with these parameters and visits every row.
    func run(_ parameters: [Value] = [], _ visit: (borrowing Row) -> Void = { _ in }) throws(StoreFault) {
        defer {
            unsafe sqlite3_reset(raw)
            unsafe sqlite3_clear_bindings(raw)
        }
        for (index, value) in parameters.enumerated() { try bind(value, at: Int32(index + 1)) }
        while true {
            switch unsafe sqlite3_step(raw) {
            case SQLITE_ROW: visit(unsafe Row(raw))
            case SQLITE_DONE: return
            default: throw database.fault()
            }
        }
    }

    private func bind(_ value: Value, at index: Int32) throws(StoreFault) {
        let code =
            switch value {
            case .null: unsafe sqlite3_bind_null(raw, index)
            case .integer(let integer): unsafe sqlite3_bind_int64(raw, index, integer)
            // SAFETY: "transient" makes SQLite copy the text before the call returns.
            case .text(let text):
                unsafe sqlite3_bind_text(raw, index, text, Int32(text.utf8.count), wt_sqlite_transient())
            }
        guard code == SQLITE_OK else { throw database.fault() }
    }

    /// The row that a statement stands at; of no use after the visit.
    @safe
    struct Row: ~Copyable {
        private let raw: OpaquePointer

        fileprivate init(_ raw: OpaquePointer) { unsafe self.raw = raw }

        func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(raw, column) }

        func text(_ column: Int32) -> String? {
            guard let text = unsafe sqlite3_column_text(raw, column) else { return nil }
            // SAFETY: SQLite gives UTF-8 with a zero byte, valid until the next step.
            let bytes = unsafe UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(raw, column)))
            return unsafe String(decoding: bytes, as: UTF8.self)
        }

        func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(raw, column) == SQLITE_NULL }
    }
}
