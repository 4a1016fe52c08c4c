import Protocols
public import Recorder

/// Writes one recording as a pcapng capture: `wiretrail export --format pcapng`. docs/export.md says what is in it.
public struct CaptureExport: Sendable {
    private static let pieceByteCount = 1 << 20

    public var path: String

    public init(_ path: String) { self.path = path }

    /// `write` gets pieces of about 1 MiB; it returns false to stop.
    public func run(write: (Span<UInt8>) -> Bool) throws(StoreFault) {
        let source = try TimelineSource(path, limits: WireLimits())
        let file = try RecordingReader(path)
        var output: [UInt8] = []
        var export = PcapngExport(try source.heading(), into: &output)
        var wantsMore = true
        try file.forEachRecord { header, payload, _ in
            export.record(header, payload, into: &output)
            guard output.count >= Self.pieceByteCount else { return true }
            wantsMore = write(output.span)
            output.removeAll(keepingCapacity: true)
            return wantsMore
        }
        guard wantsMore else { return }
        export.end(source.state, into: &output)
        _ = write(output.span)
    }
}
