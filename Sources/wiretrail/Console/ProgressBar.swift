import Glibc
import Synchronization

/// Tells on standard error how far long work has gone, where that is a terminal and standard output is not.
final class ProgressBar: Sendable {
    private static let width = 30
    /// Work that is done sooner needs no bar.
    private static let patienceSeconds = 0.5
    private static let intervalSeconds = 0.1

    private struct State {
        var begun = ProgressBar.now()
        var shown = 0.0
    }

    private let isVisible = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 0
    private let state = Mutex(State())

    /// `total` is `nil` where nobody knows; what is counted are bytes, unless a unit is named.
    func show(_ done: UInt64, of total: UInt64?, unit: String? = nil) {
        guard isVisible else { return }
        let now = Self.now()
        let isDue = state.withLock { state in
            guard now - state.begun > Self.patienceSeconds, now - state.shown > Self.intervalSeconds else {
                return false
            }
            state.shown = now
            return true
        }
        guard isDue else { return }
        Output.prompt("\r\u{1b}[K" + Self.text(done, of: total, unit))
    }

    /// Takes the bar away.
    func clear() {
        guard isVisible, state.withLock({ $0.shown > 0 }) else { return }
        Output.prompt("\r\u{1b}[K")
    }

    private static func text(_ done: UInt64, of total: UInt64?, _ unit: String?) -> String {
        let amount = { (count: UInt64) in unit.map { "\(count) \($0)" } ?? Amount.size(count) }
        guard let total, total > 0 else { return amount(done) }
        let part = min(1, Double(done) / Double(total))
        let filled = Int(part * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(bar) \(Int(part * 100)) %  \(amount(done)) of \(amount(total))"
    }

    private static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
