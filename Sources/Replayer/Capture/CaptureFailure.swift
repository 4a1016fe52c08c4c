import Glibc

/// Why a capture could not be read to its end.
public enum CaptureFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be opened or read.
    case system(path: String, errno: Int32)
    /// The file is no capture, damaged, or cut off.
    case format(path: String, CaptureFault)
    /// A gzip file whose contents do not unpack.
    case damagedCompression(path: String)

    public var description: String {
        switch self {
        case .system(let path, let errno):
            // SAFETY: strerror returns a C string; glibc keeps it per thread.
            "\(path) cannot be read: \(unsafe String(cString: strerror(errno)))"
        case .format(let path, let fault): "\(path) \(fault)"
        case .damagedCompression(let path): "\(path) is damaged or cut off: its compressed contents do not unpack"
        }
    }
}
