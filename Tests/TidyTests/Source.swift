import WireTestKit

/// One Swift file, as text.
struct Source {
    /// From the root of the repository.
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// Without comments.
    var code: String {
        text.replacing(/\/\/.*/, with: "")
    }

    var imports: Set<String> {
        Set(
            lines.compactMap { $0.wholeMatch(of: /(?:@\w+ |public |internal |package )*import (?:\w+ )?(\w+).*/)?.1 }
                .map(String.init))
    }

    /// The formatter puts the closing brace at the column where the declaration begins.
    var functions: [(line: Int, lineCount: Int)] {
        let lines = lines
        return lines.indices.compactMap { start in
            guard let indent = lines[start].prefixMatch(of: /( *)(?:[@a-z()]+ )*(?:func |init[?(<])/)?.1 else {
                return nil
            }
            guard lines[start].hasSuffix("{") || lines[start].hasSuffix("(") else { return nil }
            let end = lines.indices[(start + 1)...].first {
                // A requirement of a protocol has no body: behind its parameters comes an empty line.
                lines[$0] == indent + "}"
                    || lines[$0].hasPrefix(indent + ")")
                        && (lines[$0].hasSuffix("}") || lines[$0 + 1].isEmpty)
            }
            guard let end else { return nil }
            return (start + 1, end - start + 1)
        }
    }
}

/// The root of the repository.
let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

/// All Swift files below these folders.
func sources(below folders: String...) async throws -> [Source] {
    let listing = try await Command("find", folders.map { root + "/" + $0 } + ["-name", "*.swift"]).output()
    return listing.split(separator: "\n").map { path in
        Source(path: String(path.dropFirst(root.count + 1)), text: read(String(path)) ?? "")
    }
}
