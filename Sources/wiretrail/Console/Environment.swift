import Glibc

/// The variables that the program was started with, and who started it.
enum Environment {
    static subscript(_ name: String) -> String? {
        // SAFETY: nothing here changes the environment, so the text stays as long as it takes to copy it.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// The name of the user whom the program runs as.
    static var userName: String? {
        // SAFETY: the entry stays until the next call, and there is one call, before other threads.
        guard let entry = unsafe getpwuid(geteuid()), let name = unsafe entry.pointee.pw_name else { return nil }
        return unsafe String(cString: name)
    }
}
