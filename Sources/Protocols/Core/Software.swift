/// What wrote a recording, and what `--version` prints.
public enum Software {
    public static let name = "Wiretrail"
    /// Semantic Versioning 2.0.0.
    public static let version = "0.1.0"
}
