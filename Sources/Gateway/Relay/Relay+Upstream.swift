import Protocols
import Recorder
import Transport

// The upstream: reached before anything else, or when it is needed, as often as it is.

extension Relay {
    /// Looks for the upstream, or gives up when the connection ends.
    func dial() async -> Dialed {
        let dialing = Task(executorPreference: loop) { [endpoint, purpose, policy = core.policy, loop] in
            await endpoint.dial(purpose, policy, on: loop)
        }
        self.dialing = dialing
        let dialed = await dialing.value
        self.dialing = nil
        return dialed
    }

    /// Finds what the core has asked for; true when it is there already.
    func reach() -> Bool {
        wantsUpstream = false
        guard mayFlow else { return false }
        server.take()?.drainThenClose()  // it has said that it closes, and has perhaps not done so yet
        if let key = endpoint.poolKey(purpose, core.policy), let kept = station.upstreams.take(key) {
            arrive(.connected(kept, head: [], notes: []), isReused: true)
            return true
        }
        Task(executorPreference: loop) { await self.reachAnother() }
        return false
    }

    private func reachAnother() async {
        arrive(await dial(), isReused: false)
        takeUpward()
    }

    /// Finds out whom a credential proves; the request that carries it waits.
    func identify() {
        Task(executorPreference: loop) { await self.settleIdentity() }
    }

    private func settleIdentity() async {
        let result: Result<Identity, IdentityRefusal>
        do throws(IdentityRefusal) {
            result = .success(try await endpoint.identity(core.policy, on: loop))
        } catch { result = .failure(error) }
        guard mayFlow else { return }
        core.identified(result)
        takeUpward()
    }

    /// The upstream is there, or is not to be had.
    func arrive(_ dialed: Dialed, isReused: Bool) {
        var found: [ProxyAction] = []
        switch dialed {
        case .connected(let socket, let head, let notes):
            guard mayFlow else { return socket.close() }
            server = socket
            station.admit(socket)
            downward = RelayLane(.serverToClient)
            downward.hold(head)
            remark(notes)
            core.reached(.reached(isReused: isReused), into: &found)
            flow(downward)
        case .failed(let failure):
            core.reached(.failed(failure), into: &found)
        case .ended(let words, let reason, let notes):
            remark(notes)
            found = words.isEmpty ? [.end(reason)] : [.reply(.client, words), .end(reason)]
        }
        perform(found, Span(), .serverToClient)
    }

    /// Of no more use to this connection; kept for others where that is possible.
    func releaseUpstream() {
        guard let socket = server.take() else { return }
        guard core.policy.isUpstreamReusable, let key = endpoint.poolKey(purpose, core.policy) else {
            return socket.drainThenClose()
        }
        socket.wakeReader()
        station.upstreams.give(socket, key)
    }
}
