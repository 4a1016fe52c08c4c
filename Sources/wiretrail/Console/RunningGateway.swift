import Gateway
import Glibc
import Protocols
import Transport

/// A gateway that runs until it is told to end: SIGTERM and Ctrl-C let it drain, a second one ends it at once.
struct RunningGateway {
    let gateway: Gateway
    private let signals: Signals

    init(_ configuration: GatewayConfiguration) throws(Failure) {
        OpenFiles.raiseLimit()
        do throws(GatewayError) {
            gateway = try Gateway(configuration)
            do throws(TransportError) { signals = try Signals(on: EventLoopGroup(count: 1).loops[0]) } catch {
                throw .listen(configuration.listeners[0].address, error)
            }
        } catch { throw Failure(error) }
        guard gateway.recovered > 0 else { return }
        let plural = gateway.recovered == 1 ? "" : "s"
        Self.log("sealed \(gateway.recovered) recording\(plural) that an interruption had left open")
    }

    /// Returns when all recordings are sealed.
    ///
    /// - Parameter hangUp: what SIGHUP asks for.
    func serve(hangUp: () async -> Void) async {
        while let signal = await signals.next(), signal == .hangUp { await hangUp() }
        let count = gateway.connectionCount
        Self.log("ending, with \(count) open connection\(count == 1 ? "" : "s"); once more to end at once")
        let second = Task { [signals] in
            while let signal = await signals.next(), signal == .hangUp {}
            Self.log("ended at once; the next start seals what was left")
            exit(ExitCode.failed.rawValue)
        }
        await gateway.drain()
        second.cancel()
        Self.log("all recordings are sealed")
    }

    @Sendable static func log(_ line: String) { Output.log(DisplayText.line(line)) }
}
