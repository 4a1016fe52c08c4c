import Testing
import WireTestKit

@Suite struct LoginPropertyTests {
    @Test func `nobody gets in with what the fuzzer starts from, or once found`() throws {
        for input in try FuzzInput.all(of: "FuzzLogins") {
            #expect(LoginProperties.violation(input.bytes) == nil, "\(input.path)")
        }
    }

    /// The fuzzer's seeds, each changed in a few places.
    @Test(arguments: (0..<4).map { _ in UInt64.random(in: 0 ... .max) })
    func `nobody gets in with what is nearly right`(seed: UInt64) throws {
        let folder = Repository.root + "/Fuzz/Seeds/FuzzLogins"
        let inputs = Repository.files(in: folder).compactMap { Repository.bytes(of: $0) }
        try #require(inputs.count >= 10)
        var generator = SplitMix64(seed: seed)
        for round in 0..<600 {
            var input = inputs[round % inputs.count]
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let index = Int.random(in: 1..<input.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: input[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: input.insert(input[Int.random(in: 1..<input.count, using: &generator)], at: index)
                default: if input.count > 2 { input.remove(at: index) }
                }
            }
            if let violation = LoginProperties.violation(input) {
                Issue.record("\(violation)\nfrom \(input)")
                return
            }
        }
    }
}
