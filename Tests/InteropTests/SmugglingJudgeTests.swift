import Testing
import WireTestKit

@Suite struct SmugglingJudgeTests {
    @Test func `nginx, Apache, lighttpd and h11 read whatever the gateway passes on as exactly one request`()
        async throws
    {
        let cases = SmugglingCase.all.map { smuggling in
            let bytes = smuggling.bytes.map { String(256 + Int($0), radix: 16).dropFirst() }.joined()
            return
                #"{"name": "\#(smuggling.name)", "refused": \#(smuggling.verdict == .refused), "bytes": "\#(bytes)"}"#
        }
        let program = Repository.root + "/Tests/Harness/smuggling.py"
        let wiretrail = try await buildDirectory() + "/wiretrail"
        let judgement = try await Command(
            python, [program, "--wiretrail", wiretrail], input: cases.joined(separator: "\n")
        ).run(timeoutSeconds: 300)
        #expect(judgement.exit == .status(0), "\(judgement.output)\(judgement.errors)")
    }
}
