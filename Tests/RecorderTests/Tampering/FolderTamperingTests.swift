import Adapters
import Protocols
import Recorder
import Testing
import WireTestKit

@Suite struct FolderTamperingTests {
    let scratch = ScratchFolder()
    let verifier = Verifier(
        trust: TrustStore([TrustedKey(name: "gateway", key: RecordingSample.key().publicKey)]))

    @Test func `An untouched folder holds`() async throws {
        let folder = try FolderSpecimen(in: scratch.path)
        let report = try await verifier.verify(folder: folder.path)
        #expect(report.holds)
        #expect(report.recordings.count == Int(FolderSpecimen.sessions))
    }

    @Test(arguments: FolderAttack.allCases)
    func `Every attack on a folder is found, and where it is`(attack: FolderAttack) async throws {
        var random = SplitMix64(seed: seed)
        let whole = try FolderSpecimen(in: scratch.path)
        let foreign = try FolderSpecimen(in: scratch.path, key: Attacker.key, name: "foreign")
        for attempt in 1...max(10, mutations / 200) {
            var folder = whole
            let places = attack.change(&folder, foreign: foreign, &random)
            guard folder.files != whole.files else { continue }
            folder.write(instead: whole)
            let report = try await verifier.verify(folder: folder.path)
            #expect(
                !report.holds && places.contains { $0.isNamed(in: report) },
                "attempt \(attempt), seed \(seed): \(report.ledger), \(report.recordings.map(\.result)), \(report.missing)"
            )
            whole.write(instead: folder)
        }
    }
}

extension FolderAttack.Place {
    fileprivate func isNamed(in report: FolderReport) -> Bool {
        switch self {
        case .ledger: !report.ledger.holds
        case .missing(let session): report.missing.contains { $0.contains(session) }
        case .recording(let name):
            report.recordings.contains { $0.path.hasSuffix("/\(name)") && !$0.result.holds }
        }
    }
}
