import Glibc

@testable import Transport

extension Socket {
    /// Closes without a word, and resets the connection.
    func reset() {
        var reset = linger(l_onoff: 1, l_linger: 0)
        // SAFETY: the option is a linger.
        unsafe _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}
