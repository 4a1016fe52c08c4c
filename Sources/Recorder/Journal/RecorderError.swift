/// Why the recorder cannot take what it is given. Nothing is forwarded that it did not take.
public enum RecorderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another gateway owns the journal.
    case locked(path: String, by: String)
    /// The journal has no room now; stop reading until it has.
    case journalFull
    /// A record would be longer than a segment may be; its size in bytes.
    case tooLarge(Int)
    /// New recordings are refused: the disk has less free space than the stated mark.
    case diskLow(path: String, free: UInt64, minimum: UInt64)
    /// This recording could not be written on.
    case recordingFailed(StoreFault)
    /// Nothing at all can be recorded any more: a sync failed, and what it covered may be lost.
    case stopped(StoreFault)
    case store(StoreFault)

    public var description: String {
        switch self {
        case .locked(let path, let owner):
            "\(path) is in use by \(owner); stop that gateway, or give this one another folder with --state"
        case .journalFull: "the journal is full"
        case .tooLarge(let count): "a record of \(count) bytes is more than a segment holds"
        case .diskLow(let path, let free, let minimum):
            "only \(free >> 20) MiB are free at \(path), and recordings need \(minimum >> 20) MiB: make room"
        case .recordingFailed(let fault): "the recording could not be written: \(fault)"
        case .stopped(let fault): "recording has stopped for good, restart the gateway: \(fault)"
        case .store(let fault): fault.description
        }
    }
}
