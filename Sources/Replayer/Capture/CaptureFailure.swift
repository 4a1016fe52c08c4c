import Glibc

/// Why a capture could not be read to its end.
public enum CaptureFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be opened or read.
    case system(path: String, errno: Int32)
    /// The file is no capture, damaged, or cut off.
    case format(path: String, CaptureFault)
    /// A gzip file whose contents do not unpack.
    case damagedCompression(path: String)

    public var path: String {
        switch self {
        case .system(let path, _), .format(let path, _), .damagedCompression(let path): path
        }
    }

    /// What is wrong with the file, without its name.
    public var reason: String {
        switch self {
        case .system(_, let errno):
            // SAFETY: strerror returns a C string; glibc keeps it per thread.
            "cannot be read: \(unsafe String(cString: strerror(errno)))"
        case .format(_, let fault): fault.description
        case .damagedCompression: "is damaged or cut off: its compressed contents do not unpack"
        }
    }

    public var description: String { "\(path) \(reason)" }
}
