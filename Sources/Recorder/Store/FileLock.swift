import CLinux
import Glibc

/// A lock on a whole file that tells a live owner from an abandoned file: one of the open file description (fcntl(2)). Other
/// than flock(2) it can be asked after without being taken, so that whoever looks never keeps an owner out.
enum FileLock {
    /// False where it is not to be had: errno(3) is EAGAIN when another has it.
    static func take(_ descriptor: Int32) -> Bool {
        var whole = range(F_WRLCK)
        return unsafe fcntl(descriptor, F_OFD_SETLK, &whole) == 0
    }

    static func isTaken(_ descriptor: Int32) -> Bool {
        var whole = range(F_WRLCK)
        return unsafe fcntl(descriptor, F_OFD_GETLK, &whole) == 0 && whole.l_type != Int16(F_UNLCK)
    }

    /// To be called before closing: a child that is forked at the moment has copies of all descriptors until it runs its
    /// program, and would keep the lock.
    static func release(_ descriptor: Int32) {
        var whole = range(F_UNLCK)
        unsafe _ = fcntl(descriptor, F_OFD_SETLK, &whole)
    }

    /// From the first byte to wherever the end will be.
    private static func range(_ type: Int32) -> flock {
        flock(l_type: Int16(type), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }
}
