import Testing
import WireTestKit

/// A verifier in another language, written from docs/wtr.md alone, says of every recording what ours says.
@Suite struct IndependentVerifierTests {
    private static let samples = Repository.root + "/fixtures/recordings/v1"
    private static let copies = 200

    @Test func `both agree about damaged copies`() async throws {
        let scratch = try await temporaryDirectory("damaged")
        let seed = environment("WIRETRAIL_SEED").flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
        print("damaged copies: \(Self.copies), seed: \(seed)")
        var random = SplitMix64(seed: seed)
        let files = try await Command("find", [Self.samples, "-name", "*.wtr"]).output().split(separator: "\n")
        let wholes = try files.map { try #require(Repository.bytes(of: String($0))) }
        var copies = wholes.map(Self.cutInTypeOfEnd)
        for number in 0..<Self.copies { copies.append(Self.damage(wholes[number % wholes.count], &random)) }
        var paths: [String] = []
        for (number, copy) in copies.enumerated() {
            paths.append("\(scratch)/\(number).wtr")
            try write(copy, to: paths[number])
        }
        let arguments = ["--key", Self.samples + "/gateway.pem"] + paths
        let theirs = try await Command(python, [independentVerifier] + arguments).run()
        let ours = try await WiretrailProcess.command(["verify"] + arguments, in: scratch).run()
        let pairs = zip(
            Self.verdicts(theirs.output.lowercased(), paths), Self.verdicts(ours.output.lowercased(), paths))
        for (path, (their, our)) in zip(paths, pairs) {
            #expect(their == our && our != nil, "\(path), seed \(seed): \(their ?? "nothing") and \(our ?? "nothing")")
        }
        try await Command("rm", ["-rf", scratch]).output()
    }

    /// END becomes a frame of a type that nobody knows and is cut short: found once at random.
    private static func cutInTypeOfEnd(_ whole: [UInt8]) -> [UInt8] {
        var bytes = whole
        bytes[bytes.count - 328 + 13] = 5
        return bytes.dropLast(19)
    }

    /// One change: a bit, a stretch that goes, one that comes twice, or the rest that goes.
    private static func damage(_ whole: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = whole
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, at + Int.random(in: 1...64, using: &random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(at..<end)
        case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
        default: bytes.removeSubrange(at...)
        }
        return bytes
    }

    /// The word that each path's line begins with; `nil` where there is none.
    private static func verdicts(_ output: String, _ paths: [String]) -> [String?] {
        let lines = output.split(separator: "\n")
        return paths.map { path in
            let line = lines.first { $0.contains(" \(path.lowercased())") && !$0.hasPrefix(" ") }
            return ["holds", "altered", "incomplete", "unknown signer"].first { line?.hasPrefix($0) == true }
        }
    }
}
