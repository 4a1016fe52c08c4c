import Protocols
import Replayer

extension Command {
    static let validate = Command(
        name: "validate",
        summary: "compare what captures hold with what is expected of them",
        discussion: """
            Beside each capture (x.pcap, x.pcapng, gzip or not) below DIR lies x.events.json: what `decode --json` printed when
            somebody looked at it and found it right. Tells the difference, event by event and member by member.
            """,
        operands: [Operand(name: "DIR", help: "a folder of captures", isRepeated: true)],
        options: [.bless],
        examples: [
            Example("wiretrail validate fixtures", "after a change to a decoder"),
            Example("wiretrail validate fixtures/postgres --bless", "expect what is decoded now from now on"),
        ],
        exits: [.unreadable, .nothingFound],
        run: { (arguments) async throws(Failure) in
            try await ValidateCommand(validator: CaptureValidator(blesses: arguments.has(.bless)))
                .run(arguments.operands)
        })
}

extension Option {
    fileprivate static let bless = Option("bless", help: "write what is decoded now as what is expected")
}

/// Validates one folder after the other.
private struct ValidateCommand {
    let validator: CaptureValidator
    private let style = Style()

    init(validator: CaptureValidator) { self.validator = validator }

    func run(_ folders: [String]) async throws(Failure) -> ExitCode {
        var captures: [String] = []
        do throws(CaptureFailure) {
            for folder in folders { captures += try CaptureValidator.captures(below: folder) }
        } catch { throw CaptureArguments.failure(error) }
        guard !captures.isEmpty else { return .nothingFound }
        let bar = ProgressBar()
        var different = 0
        for (index, path) in captures.enumerated() {
            bar.show(UInt64(index), of: UInt64(captures.count), unit: "captures")
            let isExpected = try await validate(path)
            if !isExpected { different += 1 }
        }
        bar.clear()
        guard different == 0 else {
            throw Failure(
                "\(different) of \(captures.count) captures do not hold what is expected of them",
                "look at the differences; where they are right, accept them with --bless")
        }
        try Output.line("\(captures.count) capture\(captures.count == 1 ? "" : "s") as expected")
        return .success
    }

    private func validate(_ path: String) async throws(Failure) -> Bool {
        let verdict: CaptureValidator.Verdict
        do throws(CaptureFailure) { verdict = try await validator.validate(path) } catch {
            throw CaptureArguments.failure(error)
        }
        switch verdict {
        case .asExpected: return true
        case .blessed:
            try Output.line("\(style.doubtful("blessed")) \(path)")
            return true
        case .unknown:
            try Output.line("\(style.bad("unknown")) \(path): nothing is expected of it yet")
            return false
        case .differs(let lines):
            try Output.line("\(style.bad("differs")) \(path)")
            for line in lines { try Output.line("  " + paint(line)) }
            return false
        }
    }

    private func paint(_ line: String) -> String {
        switch line.first(where: { $0 != " " }) {
        case "-": style.bad(line)
        case "+": style.good(line)
        default: line
        }
    }
}
