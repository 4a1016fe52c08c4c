public import Protocols
public import Recorder

/// Finds text in many recordings: `wiretrail search`.
///
/// Looks into titles, outcomes and fields of events: SQL, parameters, errors, names. Rows, COPY data and whatever else the
/// streams hold are looked at when asked to, byte for byte.
public struct SearchQuery: Sendable {
    public var text: String
    public var format: TimelineFormat
    /// Whether letters of the other case are other letters. Only ASCII letters have cases here.
    public var matchesCase = false
    /// Also searches the streams' own bytes.
    public var searchesStreams = false
    public var from: Int64?
    public var to: Int64?
    public var limits = WireLimits()

    public init(_ text: String, format: TimelineFormat) {
        self.text = text
        self.format = format
    }

    /// Searches each file in turn. `write` returns false to stop; `failed` is told of files that cannot be read.
    ///
    /// - Returns: how many events and places were found.
    public func run(
        _ paths: [String], write: (Span<UInt8>) -> Bool, failed: (_ path: String, StoreFault) -> Void
    ) -> UInt64 {
        var found: UInt64 = 0
        var wantsMore = true
        for path in paths where wantsMore {
            do throws(StoreFault) {
                found += try search(path) { bytes in
                    wantsMore = write(bytes)
                    return wantsMore
                }
            } catch { failed(path, error) }
        }
        return found
    }
}
