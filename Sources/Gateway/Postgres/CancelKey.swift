import Protocols

/// What lets a client cancel a session's running query: the process id is the upstream's, the key is the gateway's own.
struct CancelKey: Sendable, Hashable, CustomStringConvertible {
    var processID: Int32
    private var key: [UInt8]

    init(processID: Int32, key: Span<UInt8>) {
        self.processID = processID
        self.key = [UInt8](copying: key)
    }

    init(processID: Int32, key: [UInt8]) {
        self.processID = processID
        self.key = key
    }

    var description: String { "\(processID) ********" }
}
