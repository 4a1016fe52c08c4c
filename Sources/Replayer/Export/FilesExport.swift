import Protocols
public import Recorder

/// Extracts what a session carried as files of their own: `wiretrail export --format files`. docs/export.md says what.
public struct FilesExport: Sendable {
    public var session: RecordedSession

    public init(_ session: RecordedSession) { self.session = session }

    /// Recordings of one session are read one after the other.
    ///
    /// - Parameter folder: must not exist; it is made.
    /// - Throws: `.system` when the folder or a file in it cannot be made. What was extracted before that stays.
    public func run(into folder: String) throws(StoreFault) {
        let source = try SessionSource(session.paths, key: session.key ?? "", limits: WireLimits())
        let output = try ExtractionFolder(folder, source.headings.map(\.recording))
        for (heading, path) in zip(source.headings, source.paths) {
            output.recording = heading.recording
            switch heading.start?.protocolID {
            case .postgres: try extract(PostgresContent(limits: WireLimits()), path, output)
            case .http: try extract(ContentSession<HTTPUpgradeContent>(limits: WireLimits()), path, output)
            case .http2: try extract(ContentSession<HTTP2Content>(limits: WireLimits()), path, output)
            default: break
            }
        }
        try output.finish()
    }

    private func extract(
        _ finder: consuming some ContentFinder, _ path: String, _ output: ExtractionFolder
    ) throws(StoreFault) {
        var (finder, sink) = (finder, output)
        try RecordingReader(path).forEachRecord { header, payload, _ in
            switch (header.type, header.direction) {
            case (.data, let direction?): finder.data(payload, direction, at: header.time, into: &sink)
            case (.gap, let direction):
                let length = (try? GapFacts(payload))?.length ?? 0
                for direction in direction.map({ [$0] }) ?? Direction.allCases {
                    finder.gap(length, direction, into: &sink)
                }
            default: break
            }
            return sink.fault == nil
        }
        finder.finish(into: &sink)
    }
}
