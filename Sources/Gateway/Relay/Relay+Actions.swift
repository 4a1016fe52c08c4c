import Protocols
import Recorder
import Transport

// What the core says is recorded first, and done then.

extension Relay {
    func perform(_ actions: [ProxyAction], _ window: Span<UInt8>, _ direction: Direction) {
        do throws(RecorderError) {
            for index in actions.indices {
                let goesOn = index + 1 < actions.count && actions[index + 1].isForward
                switch actions[index] {
                case .forward(let range):
                    let bytes = window.extracting(range)
                    try tape.forward(bytes, direction, at: loop.now)
                    send(bytes, to: direction.receiver, goesOn: goesOn)
                case .identity(let identity):
                    try tape.identity(identity, at: loop.now)
                    caller = identity
                case let action:
                    try tape.record(action, window, direction, at: loop.now)
                    carryOut(action, window, direction, goesOn: goesOn)
                }
            }
        } catch {
            fail(error)
        }
    }

    /// - Parameter goesOn: what comes next in the window is forwarded, to the same side.
    private func carryOut(_ action: ProxyAction, _ window: Span<UInt8>, _ direction: Direction, goesOn: Bool) {
        switch action {
        case .forward(let range), .forwardRedacted(let range, _, _):
            send(window.extracting(range), to: direction.receiver, goesOn: goesOn)
        case .replace(_, _, let bytes, _, _):
            send(bytes.span, to: direction.receiver, goesOn: goesOn)
        case .reply(let side, let bytes, _):
            send(bytes.span, to: side)
        case .refused(_, _, let rule, let instead):
            denied(by: rule)
            if !instead.isEmpty { send(instead.span, to: direction.receiver) }
        case .partRefused(let rule):
            denied(by: rule)
        case .withhold, .remark, .opaque, .offerAgain, .identity:
            break
        case .identify:
            identify()
        case .reach:
            wantsUpstream = true
        case .dropUpstream:
            server.take()?.drainThenClose()
        case .ask(let question):
            ask(question)
        case .end(let reason):
            settle(reason)
        }
    }

    /// A message counts once, however much of it is refused.
    private func denied(by rule: String) {
        station.counters.denials.add()
        tell(.info, "request refused", .rule(rule))
    }

    private func send(_ bytes: Span<UInt8>, to side: Side, goesOn: Bool = false) {
        guard let socket = side == .client ? client : server else { return }
        do throws(TransportError) {
            try socket.send(bytes, position: tape.position, goesOn: goesOn)
            if side == .client { station.counters.toClients.add(bytes.count) }
            station.sent(on: socket)
        } catch {
            // What an upstream said before it left is still to be read, and then its end.
            if side == .server, error.isDisconnect { return socket.wakeReader() }
            lost(side == .client ? .clientToServer : .serverToClient, error)
        }
    }

    func remark(_ notes: [String]) {
        do throws(RecorderError) {
            for note in notes { try tape.remark(note, at: loop.now) }
        } catch {
            fail(error)
        }
    }
}
