import Protocols
public import Recorder

/// Extracts what a session carried as files of their own: `wiretrail export --format files`. docs/export.md says what.
public struct FilesExport: Sendable {
    public var path: String

    public init(_ path: String) { self.path = path }

    /// - Parameter folder: must not exist; it is made.
    /// - Throws: `.system` when the folder or a file in it cannot be made. What was extracted before that stays.
    public func run(into folder: String) throws(StoreFault) {
        let heading = try TimelineSource(path, limits: WireLimits()).heading()
        let output = try ExtractionFolder(folder, heading)
        switch heading.start?.protocolID {
        case .postgres: try extract(PostgresContent(limits: WireLimits()), output)
        case .http: try extract(HTTPContent(limits: WireLimits()), output)
        default: break
        }
        try output.finish()
    }

    private func extract(_ finder: consuming some ContentFinder, _ output: ExtractionFolder) throws(StoreFault) {
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
