import Protocols

/// Compares what captures hold with what was expected of them: `wiretrail validate`. Beside each capture lies a file of the
/// same name that ends in `.events.json`.
public struct CaptureValidator: Sendable {
    /// What became of one capture.
    public enum Verdict: Sendable, Equatable {
        case asExpected
        /// Lines for people: what was expected behind `-`, what is there behind `+`.
        case differs([String])
        /// Nothing was expected yet.
        case unknown
        /// The expectation was written anew.
        case blessed
    }

    /// Names of captures end in one of these.
    private static let endings = [".pcap", ".pcapng", ".pcap.gz", ".pcapng.gz"]

    /// Writes what is there as what is expected from now on.
    public var blesses: Bool

    public init(blesses: Bool) { self.blesses = blesses }

    /// The captures below a folder, by name.
    public static func captures(below folder: String) throws(CaptureFailure) -> [String] {
        try FileTree.files(below: folder).filter { path in endings.contains { path.hasSuffix($0) } }
    }

    /// - Throws: when a file cannot be read or written. A capture that is damaged is not: that, too, can be expected.
    public func validate(_ path: String) async throws(CaptureFailure) -> Verdict {
        let expectation = Self.expectation(of: path)
        let actual = try await Self.events(of: path)
        let expected = try FileTree.readText(expectation)
        if actual == expected { return .asExpected }
        if blesses {
            try FileTree.writeText(actual, to: expectation)
            return .blessed
        }
        guard let expected else { return .unknown }
        return .differs(EventDifference(expected: expected, actual: actual).lines)
    }

    private static func expectation(of path: String) -> String {
        let ending = endings.first { path.hasSuffix($0) } ?? ""
        return path.dropLast(ending.count) + ".events.json"
    }

    /// All that `wiretrail decode --json` prints, as one JSON array with an element on each line.
    private static func events(of path: String) async throws(CaptureFailure) -> String {
        var output: [UInt8] = []
        _ = try await CaptureDecoder(format: .jsonLines).run(path) { bytes in
            output.append(bytes)
            return true
        }
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        return "[\n" + lines.joined(separator: ",\n") + "\n]\n"
    }
}
