import Protocols
import Recorder
import Transport

// How a connection ends, and what becomes of its upstream.

extension Relay {
    /// A source has said all it had to say. A client may still read answers; an upstream that leaves ends everything.
    func sourceEnded(_ lane: RelayLane) {
        lane.hasEnded = true
        if let announced = core.policy.announcedEnd {
            settle(announced)
        } else if lane.direction == .serverToClient {
            upstreamEnded()
        } else {
            clientEnded()
        }
    }

    private func clientEnded() {
        var found: [ProxyAction] = []
        core.clientEnded(into: &found)
        perform(found, Span(), .clientToServer)
        guard mayFlow else { return }
        if let server { server.shutdownWrite() } else { settle("the client closed the connection") }
    }

    private func upstreamEnded() {
        server.take()?.close()
        var found: [ProxyAction] = []
        core.upstreamEnded(into: &found)
        perform(found, Span(), .serverToClient)
        if wantsUpstream, reach() { takeUpward() }
    }

    /// Servers close what rests for long. A request that came at the same time, and may not be said twice, goes to another
    /// connection then, as long as nothing of it was said (RFC 9112 §9.3.1).
    func seeWhetherUpstreamLeft() {
        guard core.policy.isUpstreamReusable, let server, server.hasHungUp() else { return }
        sourceEnded(downward)
    }

    func lost(_ direction: Direction, _ error: TransportError) {
        if direction == .serverToClient { return upstreamEnded() }
        settle("the \(direction.sender) was lost: \(error)")
    }

    /// Without a recording nothing goes on. The client learns why; these words alone are not recorded.
    func fail(_ error: RecorderError) {
        guard ending == nil else { return }
        var last: [ProxyAction] = []
        core.end(.recordingFailed, into: &last)
        for case .reply(.client, let bytes, _) in last { try? client.send(bytes.span, position: 0) }
        tell(.error, "recording failed", .cause(error))
        settle("the recording could not go on: \(error)")
    }

    func settle(_ reason: String) {
        guard ending == nil else { return }
        ending = reason
        dialing?.cancel()
        closeQuestion()
        resumeUpward()
        close()
    }

    /// What was forwarded, or said, still reaches its side.
    func close() {
        client.drainThenClose()
        releaseUpstream()
    }
}
