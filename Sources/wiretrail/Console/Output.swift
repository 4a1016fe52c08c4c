import Glibc
import Protocols

/// Standard output and standard error, whose errors count: a full disk behind `>` must not look like success.
enum Output {
    /// Writes to standard output.
    ///
    /// - Throws: `.brokenPipe` when the reader has gone, `.failed` when the bytes have no room.
    static func write(_ bytes: Span<UInt8>) throws(Failure) {
        let code = unsafe bytes.withUnsafeBytes { buffer -> Int32 in
            var written = 0
            while written < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                // SAFETY: the buffer lives through the call, and no more than its length is read.
                let count = unsafe Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
                // EAGAIN: whoever shares the terminal or the pipe has made it non-blocking.
                if count < 0, errno == EAGAIN { awaitRoom() } else if count < 0, errno != EINTR { return errno }
                written += max(0, count)
            }
            return 0
        }
        if code == EPIPE { throw Failure(.brokenPipe, "the reader of the output has gone", "") }
        guard code == 0 else {
            // SAFETY: strerror returns a C string; glibc keeps it per thread.
            let reason = unsafe String(cString: strerror(code))
            throw Failure("cannot write to standard output: \(reason)", "is the disk that it goes to full?")
        }
    }

    private static func awaitRoom() {
        var waiting = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        // SAFETY: one entry of ours.
        unsafe poll(&waiting, 1, -1)
    }

    static func write(_ text: String) throws(Failure) { try write(Array(text.utf8).span) }

    static func line(_ text: String) throws(Failure) { try write(text + "\n") }

    /// Writes one line to standard error; nobody can be told when that fails.
    static func log(_ text: String) { prompt(text + "\n") }

    /// As `log`, without the end of the line: somebody is to type there.
    static func prompt(_ text: String) {
        let bytes = Array(text.utf8)
        // SAFETY: as above.
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// A failure as the user sees it: the cause, and below it the remedy. What it repeats of files or words is made safe.
    static func report(_ failure: Failure) {
        guard failure.code != .brokenPipe else { return }
        let remedy = failure.remedy.isEmpty ? "" : "\n  \(DisplayText.line(failure.remedy))"
        log("\(Style(for: STDERR_FILENO).bad("wiretrail:")) \(DisplayText.line(failure.cause))\(remedy)")
    }

    /// Lets `body` write through a closure that tells whether more is wanted, and throws afterwards what went wrong.
    static func stream<Value>(
        _ body: (_ write: (Span<UInt8>) -> Bool) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        var failure: Failure?
        let value = try body { bytes in
            do throws(Failure) { try write(bytes) } catch { failure = error }
            return failure == nil
        }
        if let failure { throw failure }
        return value
    }

    /// As above, for a body that waits for others.
    static func stream<Value>(
        _ body: (_ write: (Span<UInt8>) -> Bool) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        var failure: Failure?
        let value = try await body { bytes in
            do throws(Failure) { try write(bytes) } catch { failure = error }
            return failure == nil
        }
        if let failure { throw failure }
        return value
    }
}
