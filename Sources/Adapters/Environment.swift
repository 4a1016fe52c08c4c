import Glibc

/// The variables that this process was started with.
public enum Environment {
    public static subscript(_ name: String) -> String? {
        // SAFETY: nothing here changes the environment, so the text stays as long as it takes to copy it.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
