import Protocols
public import Recorder

/// Writes what a Postgres client asked for as a script for psql: `wiretrail export --format sql`. docs/export.md says what is
/// in it.
public struct SQLExport: Sendable {
    public var session: RecordedSession

    public init(_ session: RecordedSession) { self.session = session }

    /// `write` gets a statement at a time, or a piece of copied data; it returns false to stop.
    public func run(write: (Span<UInt8>) -> Bool) throws(StoreFault) {
        var source = try SessionEvents(session, limits: WireLimits())
        var script = SQLScript()
        var fault: StoreFault?
        func put(_ text: String) -> Bool { write(Array(text.utf8).span) }
        func put(_ pieces: [SQLScript.Piece]) -> Bool {
            do throws(StoreFault) {
                for piece in pieces {
                    switch piece {
                    case .text(let text): guard put(text) else { return false }
                    case .copy(let event, let sql): guard try copy(event, sql, write) else { return false }
                    }
                }
                return true
            } catch {
                fault = error
                return false
            }
        }
        guard put(SQLScript.heading(source.headings)) else { return }
        var wantsMore = true
        try source.forEachEvent { event in
            wantsMore = put(script.event(event))
            return wantsMore
        }
        if wantsMore { _ = put(script.finish()) }
        if let fault { throw fault }
    }

    /// Data is looked through first: whatever psql would not take for data is left out.
    ///
    /// psql stops where the server refuses the COPY. Else it would read the data as SQL.
    private func copy(
        _ event: TimelineEvent, _ sql: String, _ write: (Span<UInt8>) -> Bool
    ) throws(StoreFault) -> Bool {
        func put(_ text: String) -> Bool { write(Array(text.utf8).span) }
        // Copies are Postgres', whose sessions have one connection.
        let data = CopyData(path: session.paths[0], offset: event.request?.upperBound ?? 0)
        var lines = CopyLines()
        let ending = try data.forEach { bytes in
            lines.feed(bytes)
            return lines.isSafe
        }
        guard ending == .done, lines.fits else {
            let reason = ending == .done || !lines.isSafe ? "its data cannot stand in a script" : "it was given up"
            return put(SQLScript.commentedOut(event.title, reason))
        }
        guard put("\\set ON_ERROR_STOP on\n\(sql);\n") else { return false }
        _ = try data.forEach(write)
        return put((lines.hasEnd ? "" : "\\.\n") + "\\set ON_ERROR_STOP off\n\n")
    }
}
