/// What a fuzzer starts from, and what it once found.
public struct FuzzInput: Sendable {
    public let path: String
    public let bytes: [UInt8]

    public struct NoSeeds: Error { public let fuzzer: String }

    /// - Throws: `NoSeeds` when the fuzzer has none, so that a wrong name cannot pass for a test.
    public static func all(of fuzzer: String) throws(NoSeeds) -> [FuzzInput] {
        let seeds = committed("Seeds/\(fuzzer)")
        guard !seeds.isEmpty else { throw NoSeeds(fuzzer: fuzzer) }
        return seeds + committed("Cases/\(fuzzer)")
    }

    private static func committed(_ folder: String) -> [FuzzInput] {
        Repository.files(in: "\(Repository.root)/Fuzz/\(folder)").compactMap { path in
            Repository.bytes(of: path).map { FuzzInput(path: path, bytes: $0) }
        }
    }
}
