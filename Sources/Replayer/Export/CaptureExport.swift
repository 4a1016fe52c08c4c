import Protocols
public import Recorder

/// Writes a session as a pcapng capture: `wiretrail export --format pcapng`. docs/export.md says what is in it.
public struct CaptureExport: Sendable {
    private static let pieceByteCount = 1 << 20

    public var session: RecordedSession

    public init(_ session: RecordedSession) { self.session = session }

    /// `write` gets pieces of about 1 MiB; it returns false to stop.
    public func run(write: (Span<UInt8>) -> Bool) throws(StoreFault) {
        var source = try SessionSource(session.paths, key: session.key ?? "", limits: WireLimits())
        let headings = source.headings
        var output: [UInt8] = []
        PcapngExport.begin(headings, into: &output)
        var connections: [UInt32: PcapngExport] = [:]
        var wantsMore = true
        func flush(at limit: Int) -> Bool {
            guard output.count >= limit else { return true }
            wantsMore = write(output.span)
            output.removeAll(keepingCapacity: true)
            return wantsMore
        }
        try source.forEachRecord { header, payload, number in
            var connection = connections.removeValue(forKey: number) ?? PcapngExport(headings, number)
            connection.record(header, payload, into: &output)
            connections[number] = connection
            return flush(at: Self.pieceByteCount)
        } ended: { number, _ in
            var connection = connections.removeValue(forKey: number) ?? PcapngExport(headings, number)
            connection.end(headings[Int(number) - 1].state, into: &output)
            return flush(at: Self.pieceByteCount)
        }
        if wantsMore { _ = flush(at: 1) }
    }
}
