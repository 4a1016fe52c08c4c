import Glibc

/// Files that are committed beside the sources.
public enum Repository {
    /// The folder that holds Package.swift.
    public static let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

    /// The paths of the files in a folder whose names end so, sorted; none where there is no such folder.
    public static func files(in folder: String, endingIn suffix: String = "") -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe _ = closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // SAFETY: `d_name` is zero-terminated within the entry, which lives until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix("."), name.hasSuffix(suffix) { names.append(folder + "/" + name) }
        }
        return names.sorted()
    }

    /// A file's bytes; `nil` if there is no such file.
    public static func bytes(of path: String) -> [UInt8]? {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        return number < 0 ? nil : Descriptor(number).contents
    }
}
