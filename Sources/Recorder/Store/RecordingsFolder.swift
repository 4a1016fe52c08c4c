import CLinux
import Glibc
import Protocols

/// The folder of recordings: one folder per UTC day, one file per recording, and the ledger.
///
///     recordings/ledger.jsonl
///     recordings/2026-11-21/20261121T041634.123456Z-0193….wtr
public struct RecordingsFolder: Sendable, Hashable {
    public let path: String

    /// Makes the folder when it is missing, with mode 0700.
    public init(_ path: String) throws(StoreFault) {
        self.path = path
        try StoreFile.makeFolder(path)
    }

    public var ledgerPath: String { "\(path)/ledger.jsonl" }

    public func dayFolder(_ wallNanoseconds: Int64) -> String {
        "\(path)/\(UTCDate(wallNanoseconds: wallNanoseconds).day8601)"
    }

    /// Where a recording that begins at this time is kept.
    public func recordingPath(_ id: RecordingID, _ wallNanoseconds: Int64) -> String {
        "\(dayFolder(wallNanoseconds))/\(UTCDate(wallNanoseconds: wallNanoseconds).basic8601)-\(id).wtr"
    }

    /// The path of a file as seen from the folder; as it is, where it lies elsewhere.
    func relative(_ file: String) -> String {
        file.hasPrefix(path + "/") ? String(file.dropFirst(path.utf8.count + 1)) : file
    }

    /// Makes files durable, and their names.
    func sync(_ files: some Collection<RecordingWriter>) throws(StoreFault) {
        if files.count > Self.fileSystemFrom { return try StoreFile.syncFileSystem(of: path) }
        for file in files { try file.sync() }
    }

    /// From so many files on, one sync of the whole file system costs less than theirs (ext4: 0.2 ms for a file, 10 ms for
    /// 400 in one go).
    private static let fileSystemFrom = 32

    /// All recordings below `path`, sorted by name, so by time.
    public static func recordings(below path: String) throws(StoreFault) -> [String] {
        var found: [String] = []
        for name in try StoreFile.names(in: path) {
            let entry = "\(path)/\(name)"
            if name.hasSuffix(".wtr") {
                found.append(entry)
            } else if isFolder(entry) {
                found += try recordings(below: entry)
            }
        }
        return found
    }

    /// The name of a recording, from that of its file; `nil` for other files.
    public static func recordingID(ofFile path: String) -> RecordingID? {
        guard path.hasSuffix(".wtr") else { return nil }
        return RecordingID(String(path.dropLast(4).suffix(36)))
    }

    /// Links are not followed: a recording stands where it was written.
    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
