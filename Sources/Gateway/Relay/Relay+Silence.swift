import Protocols
import Transport

// A peer that says nothing does not hold a connection for ever. A timer for each wait would cost more than the waits: one
// looks now and then.

extension Relay {
    /// Begins to look, where the policy sets limits.
    func watchSilence() {
        lastHeard = loop.now.monotonicNanoseconds
        guard let period = core.policy.shortestPatience else { return }
        lookAgain(after: period)
    }

    private func lookAgain(after period: Duration) {
        silence = loop.schedule(after: period) { [weak self, loop] in
            Task(executorPreference: loop) { await self?.look(each: period) }
        }
    }

    private func look(each period: Duration) {
        guard mayFlow else { return }
        if dialing == nil, asked == nil, let patience = core.policy.patience(hasBegun: upward.begun != nil) {
            // A message that drips in is as bad as none.
            let since = patience.side == .client ? upward.begun ?? lastHeard : lastHeard
            let silent = Duration.nanoseconds(Int64(clamping: loop.now.monotonicNanoseconds &- since))
            if silent >= patience.limit { return end(.silent(patience.side)) }
        }
        lookAgain(after: period)
    }
}
