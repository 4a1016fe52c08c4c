import Adapters
import Protocols
import Recorder
import Testing
import WireTestKit

@Suite struct TamperingTests {
    let scratch = ScratchFolder()
    let gateway = RecordingSample.key()
    var verifier: Verifier { Verifier(trust: TrustStore([TrustedKey(name: "gateway", key: gateway.publicKey)])) }

    private func specimens() throws -> [Specimen] {
        let folder = try RecordingsFolder(scratch.path)
        return try [(1, 5, true), (2, 1, false), (3, 12, true)].map { session, segments, isText in
            var sample = RecordingSample(session: UInt64(session), segments: segments, isText: isText)
            sample.random = SplitMix64(seed: UInt64(session))
            return try Specimen(sample.write(in: folder).path)
        }
    }

    @Test func `Untouched recordings hold`() throws {
        for specimen in try specimens() {
            #expect(verifier.verify(recording: specimen.path).result == .holds(signer: "gateway"))
        }
    }

    @Test func `Every mutation is found, and where it is`() throws {
        print("mutations: \(mutations), seed: \(seed)")
        var attacker = Attacker(random: SplitMix64(seed: seed))
        let specimens = try specimens()
        let target = "\(scratch.path)/mutated.wtr"
        var found: [String: Int] = [:]
        var done = 0
        while done < mutations {
            let specimen = specimens.randomElement(using: &attacker.random)!
            let foreign = specimens.randomElement(using: &attacker.random)!
            let effort = Attacker.Effort.allCases.randomElement(using: &attacker.random)!
            let mutated: [UInt8]
            switch Int.random(in: 0..<3, using: &attacker.random) {
            case 0: mutated = attacker.changeBytes(specimen.bytes)
            case 1:
                let segments = attacker.changeSegments(specimen.segments, foreign: foreign.segments)
                mutated = Attacker.assemble(segments, of: specimen, effort)
            default:
                guard let segments = try? attacker.changeRecords(specimen.segments) else { continue }
                mutated = Attacker.assemble(segments, of: specimen, effort)
            }
            guard !specimens.contains(where: { $0.bytes == mutated }) else { continue }
            done += 1
            Disk.write(mutated, to: target)
            let result = verifier.verify(recording: target).result
            let isFound = Self.isRight(result, specimen, mutated)
            #expect(
                isFound,
                "mutation \(done) of session \(specimen.end.sessionNumber) with effort \(effort), seed \(seed): \(result)"
            )
            found[Self.name(result), default: 0] += 1
            if !isFound { return }
        }
        print("found: \(found.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))")
    }

    /// Whether the result names the frame that holds the first changed byte, or the END that must answer for it.
    private static func isRight(_ result: VerificationResult, _ specimen: Specimen, _ mutated: [UInt8]) -> Bool {
        let first = zip(specimen.bytes, mutated).enumerated().first { $1.0 != $1.1 }?.offset
        let changed = first ?? min(specimen.bytes.count, mutated.count)
        let frame = changed < specimen.bytes.count ? specimen.frame(at: changed) : changed..<changed + 1
        let endStart = mutated.count - EndFrame.byteCount
        switch result {
        case .holds, .unreadable: return false
        case .unknownSigner(let signer): return signer == Attacker.key.id
        case .incomplete(let finding, let isLive):
            return !isLive && finding.fileOffset >= frame.lowerBound && finding.fileOffset <= mutated.count
        case .altered(let finding):
            let offset = Int(clamping: finding.fileOffset)
            // All but the signature fits again: only the END can say that it does not answer for these bytes.
            return offset >= frame.lowerBound && offset <= frame.upperBound || offset >= endStart && offset >= changed
        }
    }

    private static func name(_ result: VerificationResult) -> String {
        switch result {
        case .holds: "holds"
        case .altered: "altered"
        case .incomplete: "incomplete"
        case .unknownSigner: "unknown signer"
        case .unreadable: "unreadable"
        }
    }
}
