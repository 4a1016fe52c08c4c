import CLinux
import Glibc

/// Random numbers for keys and identifiers, from the kernel (getrandom(2)).
public enum SystemRandom {
    public static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe getrandom($0.baseAddress! + filled, count - filled, 0)
            }
            precondition(got > 0 || errno == EINTR, "the kernel has no random numbers")
            filled += max(0, got)
        }
        return bytes
    }
}
