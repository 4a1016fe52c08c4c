import Glibc
import Protocols
import Synchronization
import Transport

/// The gateway's own log: lines on standard error, written by a thread that may block. May be called anywhere, and never
/// waits: when the reader is too slow, lines are dropped and counted.
public final class Log: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        case text, json
    }

    private struct State {
        var format: Format
        var limiter = LogLimiter()
        var lines: [String] = []
        var dropped = 0
        var isWriting = false
    }

    /// Lines that may wait to be written.
    private static let waitingMaximum = 1000

    private let pool = BlockingPool(name: "log", threadLimit: 1)
    private let sink: @Sendable (String) -> Void
    private let state: Mutex<State>
    /// The rank of the least level that is written.
    private let minimum: Atomic<Int>
    private let feeds = Mutex<[LogFeed]>([])
    private let feedCount = Atomic<Int>(0)

    /// - Parameters:
    ///   - minimum: lines that matter less are not written.
    ///   - sink: takes a line without its end, on a thread of its own.
    public init(
        _ format: Format, minimum: LogLevel = .info, to sink: @escaping @Sendable (String) -> Void = Log.standardError
    ) {
        state = Mutex(State(format: format))
        self.minimum = Atomic(minimum.rank)
        self.sink = sink
    }

    /// What is written from now on, and how.
    public func change(_ format: Format, minimum: LogLevel) {
        state.withLock { $0.format = format }
        self.minimum.store(minimum.rank, ordering: .relaxed)
    }

    public func debug(_ event: StaticString, _ fields: LogField...) { write(LogRecord(.debug, event, fields)) }
    public func info(_ event: StaticString, _ fields: LogField...) { write(LogRecord(.info, event, fields)) }
    public func warning(_ event: StaticString, _ fields: LogField...) { write(LogRecord(.warning, event, fields)) }
    public func error(_ event: StaticString, _ fields: LogField...) { write(LogRecord(.error, event, fields)) }

    /// Whether anybody reads lines of this level; spares making those that nobody does.
    public func isRead(_ level: LogLevel) -> Bool { isWritten(level) || feedCount.load(ordering: .relaxed) > 0 }

    private func isWritten(_ level: LogLevel) -> Bool { level.rank >= minimum.load(ordering: .relaxed) }

    public func write(_ record: LogRecord) {
        guard isRead(record.level) else { return }
        let now = Timestamp.current()
        for feed in feeds.withLock({ $0 }) { feed.write(record, at: now.wallNanoseconds) }
        guard isWritten(record.level) else { return }
        enqueue(record, now)
    }

    /// Lets somebody read all lines of all levels from now on, until the feed ends.
    func follow() -> LogFeed {
        let feed = LogFeed { [weak self] in self?.remove($0) }
        change { $0.append(feed) }
        return feed
    }

    private func remove(_ feed: LogFeed) {
        change { feeds in feeds.removeAll { $0 === feed } }
    }

    private func change(_ body: (inout [LogFeed]) -> Void) {
        feeds.withLock {
            body(&$0)
            feedCount.store($0.count, ordering: .relaxed)
        }
    }

    private func enqueue(_ record: LogRecord, _ now: Timestamp) {
        let mustStart = state.withLock { state in
            guard let suppressed = state.limiter.admit(record.event.description, at: now.monotonicNanoseconds) else {
                return false
            }
            guard state.lines.count < Self.waitingMaximum else {
                state.dropped += 1
                return false
            }
            var record = record
            if suppressed > 0 { record.fields.append(.suppressed(suppressed)) }
            state.lines.append(Self.line(record, now, state.format))
            return !exchange(&state.isWriting, with: true)
        }
        if mustStart { Task { await pool.run { [self] in writeAll() } } }
    }

    /// Returns once everything that was said before is written.
    public func flush() async {
        await pool.run { [self] in writeAll() }
    }

    private static func line(_ record: LogRecord, _ now: Timestamp, _ format: Format) -> String {
        switch format {
        case .text: record.text(at: now.wallNanoseconds)
        case .json: record.json(at: now.wallNanoseconds)
        }
    }

    /// On the pool's one thread, so that lines stay in order.
    private func writeAll() {
        while true {
            let lines = state.withLock { state in
                let dropped = exchange(&state.dropped, with: 0)
                var lines = exchange(&state.lines, with: [])
                if dropped > 0 {
                    let record = LogRecord(.warning, "lines dropped", [.count(dropped)])
                    lines.append(Self.line(record, .current(), state.format))
                }
                if lines.isEmpty { state.isWriting = false }
                return lines
            }
            if lines.isEmpty { return }
            for line in lines { sink(line) }
        }
    }

    /// Nobody can be told when that fails.
    public static let standardError: @Sendable (String) -> Void = { line in
        let bytes = Array((line + "\n").utf8)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                // SAFETY: the buffer lives through the call, and no more than its length is read.
                return unsafe Glibc.write(STDERR_FILENO, rest.baseAddress, rest.count)
            }
            guard count > 0 || errno == EINTR else { return }
            written += max(0, count)
        }
    }
}
