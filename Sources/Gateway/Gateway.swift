import Protocols
import Recorder
public import Transport

/// Event loops, a recorder with a lane for each of them, and a listener before them.
public final class Gateway: Sendable {
    /// Where it listens.
    public let address: SocketAddress
    private let recorder: Recorder
    private let group: EventLoopGroup
    private let stations: [Station]
    private let rejections: Rejections
    private let acceptor: Acceptor
    private let drainLimit: Duration

    /// What a draining gateway waits for in the end: last words that clients have yet to read.
    private static let lingerLimit = Duration.seconds(2)

    /// Completes what an interrupted run left, then listens.
    public init(_ configuration: GatewayConfiguration) throws(GatewayError) {
        guard configuration.listen.isLoopback else { throw .notLoopback(configuration.listen) }
        let recorder: Recorder
        do throws(RecorderError) { recorder = try Recorder(configuration.recorder) } catch { throw .recorder(error) }
        let group = EventLoopGroup(count: configuration.recorder.lanes)
        let isStrict = configuration.recorder.durability == .strict
        let stations = zip(group.loops, recorder.lanes).map {
            Station($0, $1, isStrict: isStrict, log: configuration.log)
        }
        let pool = BlockingPool(name: "blocking", threadLimit: 4)
        let endpoint = PostgresEndpoint(
            configuration.upstream, limits: configuration.limits, resolver: Resolver(pool: pool), pool: pool)
        let rejections = Rejections(stations[0], listener: "\(configuration.listen)")
        let door = Door(endpoint, stations, rejections)
        let gate = ConnectionGate(limit: configuration.connectionsMaximum)
        do throws(GatewayError) {
            acceptor = try Self.listen(configuration, group, gate) { await door.serve($0) }
        } catch {
            recorder.shutdown()
            throw error
        }
        address = acceptor.address
        self.rejections = rejections
        drainLimit = configuration.drainLimit
        self.recorder = recorder
        self.group = group
        self.stations = stations
    }

    /// How many recordings of an interrupted run were completed at the start.
    public var recovered: Int { recorder.recovered }

    /// Connections that are open now; a count.
    public var connectionCount: Int { stations.reduce(0) { $0 + $1.connectionCount } }

    /// Stops listening, lets connections come to rest within the limit, ends those that do not, seals every recording.
    /// Returns when everything is on disk.
    public func drain() async {
        acceptor.stop()
        await withTaskGroup { tasks in
            for station in stations {
                tasks.addTask(executorPreference: station.loop) { [drainLimit] in
                    await station.drain(within: drainLimit)
                }
            }
        }
        await rejections.finish()
        await lingerOut()
        await group.stop()
        recorder.shutdown()
    }

    private func lingerOut() async {
        let deadline = ContinuousClock.now + Self.lingerLimit
        while group.connectionCount > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func listen(
        _ configuration: GatewayConfiguration, _ group: EventLoopGroup, _ gate: ConnectionGate,
        serve: @escaping @Sendable (Socket) async -> Void
    ) throws(GatewayError) -> Acceptor {
        do throws(TransportError) {
            return try Acceptor(on: configuration.listen, group: group, gate: gate, serve: serve)
        } catch {
            guard configuration.mayMove, error.isAddressInUse, let free = configuration.listen.withPort(0) else {
                throw .listen(configuration.listen, error)
            }
            do throws(TransportError) {
                return try Acceptor(on: free, group: group, gate: gate, serve: serve)
            } catch {
                throw .listen(free, error)
            }
        }
    }
}
