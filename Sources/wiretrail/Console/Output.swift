import Glibc

/// Standard output and standard error, whose errors count: a full disk behind `>` must not look like success.
enum Output {
    /// Writes to standard output.
    ///
    /// - Throws: `.brokenPipe` when the reader has gone, `.failed` when the bytes have no room.
    static func write(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // SAFETY: the buffer lives through the call, and no more than its length is read.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                throw Failure(.brokenPipe, "the reader of the output has gone", "")
            } else if errno != EINTR {
                // SAFETY: strerror returns a C string; glibc keeps it per thread.
                let reason = unsafe String(cString: strerror(errno))
                throw Failure("cannot write to standard output: \(reason)", "is the disk that it goes to full?")
            }
        }
    }

    static func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

    static func line(_ text: String) throws(Failure) { try write(text + "\n") }

    /// Writes one line to standard error; nobody can be told when that fails.
    static func log(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        // SAFETY: as above.
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// A failure as the user sees it: the cause, and below it the remedy.
    static func report(_ failure: Failure) {
        guard failure.code != .brokenPipe else { return }
        let style = Style(for: STDERR_FILENO)
        log("\(style.bad("wiretrail:")) \(failure.cause)" + (failure.remedy.isEmpty ? "" : "\n  \(failure.remedy)"))
    }
}
