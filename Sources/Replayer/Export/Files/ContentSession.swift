import Protocols

/// Finds contents in what a decoder finds. One implementation for each version of HTTP.
protocol ContentReader {
    associatedtype Decoder: WireDecoder

    init()
    mutating func take(
        _ event: WireEvent<Decoder.Message>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        at time: Timestamp, into sink: inout some ContentSink)
    mutating func gap(_ length: UInt64, _ direction: Direction, into sink: inout some ContentSink)
    mutating func finish(into sink: inout some ContentSink)
}

/// The bytes of one connection, decoded for a reader.
struct ContentSession<Reader: ContentReader>: ContentFinder {
    private var session: WireSession<Reader.Decoder>
    private var reader = Reader()
    private var hasFailed = false

    init(limits: WireLimits) { session = WireSession(Reader.Decoder(limits: limits), limits: limits) }

    mutating func data(
        _ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp, into sink: inout some ContentSink
    ) {
        guard !hasFailed else { return }
        do throws(WireFault) {
            try session.feed(bytes, direction) { event, direction, offset, bytes in
                reader.take(event, direction, offset, bytes, at: time, into: &sink)
            }
        } catch {
            hasFailed = true
        }
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, into sink: inout some ContentSink) {
        guard !hasFailed else { return }
        reader.gap(length, direction, into: &sink)
        do throws(WireFault) { try session.gap(length, direction) } catch { hasFailed = true }
    }

    mutating func finish(into sink: inout some ContentSink) { reader.finish(into: &sink) }
}
