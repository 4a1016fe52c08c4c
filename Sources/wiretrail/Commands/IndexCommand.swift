import Recorder
import Replayer

extension Command {
    static let index = Command(
        name: "index",
        summary: "let timelines of big sessions begin anywhere at once",
        discussion: """
            Reads recordings once and keeps, beside the catalog, what a timeline must know to begin in the middle: which
            statements were prepared before, how many events there were. Without it `timeline --from` is as fast, but may
            not know the text of statements prepared earlier. Sessions that are still open are passed over.
            """,
        operands: [
            Operand(
                name: "SESSION|FILE|DIR", help: "what to read (default: all recordings)", isRequired: false,
                isRepeated: true)
        ],
        options: [.recordings, .state],
        examples: [Example("wiretrail index 12", "then `wiretrail timeline 12 --from 10m` knows all")],
        exits: [.unreadable],
        run: { (arguments) throws(Failure) in try IndexCommand.run(arguments) })
}

extension Places {
    /// Sidecars are made from recordings and signed by nobody, so they stand with what is ours alone.
    var sidecarsPath: String { "\(statePath)/sidecars" }
}

/// Makes sidecars.
private enum IndexCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        let places = try Places(arguments)
        let paths = try SessionFinder(places).paths(of: arguments.operands)
        _ = try places.makeState()
        let index = TimelineIndex(folder: places.sidecarsPath)
        var isAllRead = true
        for path in paths {
            do throws(StoreFault) { try index.make(path) } catch {
                isAllRead = false
                Output.report(Failure(error, code: .unreadable))
            }
        }
        return isAllRead ? .success : .unreadable
    }
}
