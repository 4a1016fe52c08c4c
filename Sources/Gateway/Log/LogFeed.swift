import Protocols
import Synchronization

/// What is written to a log from now on, for one reader; each line as a JSON object.
///
/// A reader that falls behind misses lines, and learns how many.
public final class LogFeed: Sendable {
    /// Lines that may wait for the reader.
    private static let waitingMaximum = 1000

    let lines: AsyncStream<JSON>
    private let continuation: AsyncStream<JSON>.Continuation
    private let missed = Atomic<Int>(0)
    private let onEnd: @Sendable (LogFeed) -> Void

    init(onEnd: @escaping @Sendable (LogFeed) -> Void) {
        (lines, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waitingMaximum))
        self.onEnd = onEnd
    }

    func write(_ record: LogRecord, at wallNanoseconds: Int64) {
        var record = record
        let missed = missed.exchange(0, ordering: .relaxed)
        if missed > 0 { record.fields.append(.suppressed(UInt64(missed))) }
        if case .dropped = continuation.yield(record.object(at: wallNanoseconds)) {
            self.missed.add(missed + 1, ordering: .relaxed)
        }
    }

    /// The reader has gone, or there is no more to read: `lines` ends. Harmless when repeated.
    func end() {
        continuation.finish()
        onEnd(self)
    }
}
