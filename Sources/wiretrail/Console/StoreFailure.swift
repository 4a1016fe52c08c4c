import Glibc
import Recorder

extension Failure {
    /// What went wrong with a file, and what helps.
    init(_ fault: StoreFault, code: ExitCode = .failed) {
        self.init(code, fault.description, Self.remedy(fault))
    }

    private static func remedy(_ fault: StoreFault) -> String {
        switch fault {
        case .system(_, let path, let code): remedy(errno: code, path)
        case .format: "is it a recording (.wtr)? `wiretrail verify` tells whether and where it was changed"
        case .refused: "make that right, or name another folder with --state"
        }
    }

    private static func remedy(errno code: Int32, _ path: String) -> String {
        switch code {
        case ENOENT: "check the path; `wiretrail sessions` lists what was recorded"
        case EACCES, EPERM: "run it as the user who owns the file: ls -l '\(path)'"
        case ENOTDIR, EEXIST: "a file stands where a folder must be; name another folder"
        case EISDIR: "name a file, not a folder"
        case ELOOP: "it is a symbolic link, and those are not followed: name the file itself"
        case ENOSPC, EDQUOT: "make room on that disk"
        case EROFS: "that disk cannot be written to; name another folder"
        case EMFILE, ENFILE: "raise the limit of open files: ulimit -n 65536"
        default: "look at the disk and at the path: ls -l '\(path)'"
        }
    }
}
