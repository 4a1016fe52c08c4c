import Protocols
import Recorder
public import Transport

/// Event loops, a recorder with a lane for each of them, and listeners before them.
public final class Gateway: Sendable {
    private let recorder: Recorder
    let group: EventLoopGroup
    private let stations: [Station]
    private let gate: ConnectionGate
    private let commons: Current<ServiceCommons>
    private let entrances: Current<[Entrance]>
    private let control: GatewayControl
    private let controlServer: ControlServer
    private let metricsServer: MetricsServer?
    private let drainLimit: Current<Duration>
    /// The questions that wait for a person.
    let desk: QuestionDesk
    private let log: Log

    /// What a draining gateway waits for in the end: last words that clients have yet to read.
    private static let lingerLimit = Duration.seconds(2)

    /// Completes what an interrupted run left, then listens.
    public init(_ configuration: GatewayConfiguration) throws(GatewayError) {
        let recorder: Recorder
        do throws(RecorderError) { recorder = try Recorder(configuration.recorder) } catch { throw .recorder(error) }
        let group = EventLoopGroup(count: configuration.recorder.lanes)
        let isStrict = configuration.recorder.durability == .strict
        let desk = QuestionDesk()
        self.desk = desk
        let stations = zip(group.loops, recorder.lanes).map {
            Station($0, $1, desk, isStrict: isStrict, log: configuration.log)
        }
        let pool = BlockingPool(name: "blocking", threadLimit: 4)
        commons = Current(ServiceCommons(configuration, pool))
        gate = ConnectionGate(limit: configuration.connectionsMaximum)
        entrances = Current([])
        control = GatewayControl(stations, recorder, desk, entrances, configuration)
        do throws(GatewayError) {
            controlServer = try Self.control(configuration, group, pool, control)
            metricsServer = try Self.metrics(configuration, group, control)
        } catch {
            recorder.shutdown()
            throw error
        }
        drainLimit = Current(configuration.drainLimit)
        log = configuration.log
        self.recorder = recorder
        self.group = group
        self.stations = stations
        do throws(GatewayError) { try offer(configuration.listeners) } catch {
            recorder.shutdown()
            throw error
        }
    }

    /// Where it listens, in the order of the configuration.
    public var addresses: [SocketAddress] { entrances.value.map(\.acceptor.address) }

    /// Listens on these from now on, and on no others. Sessions that have begun go on as they are. When one of the new
    /// listeners cannot be opened, nothing changes.
    public func offer(_ listeners: [GatewayConfiguration.Listener]) throws(GatewayError) {
        let old = entrances.value
        var new: [Entrance] = []
        for listener in listeners {
            if let known = old.first(where: { $0.configured == listener.address }) {
                new.append(known)
                continue
            }
            do throws(GatewayError) {
                new.append(try Entrance(listener, group, gate, stations, commons))
            } catch {
                for entrance in new where !old.contains(where: { $0.acceptor === entrance.acceptor }) {
                    entrance.acceptor.stop()
                }
                throw error
            }
        }
        for (entrance, listener) in zip(new, listeners) { entrance.offer(listener.service) }
        for entrance in old where !new.contains(where: { $0.acceptor === entrance.acceptor }) {
            entrance.acceptor.stop()
        }
        entrances.value = new
    }

    /// Whoever comes from now on meets these limits. Lower ones end no connection.
    public func limit(as configuration: GatewayConfiguration) {
        commons.value = commons.value.limited(as: configuration)
        gate.limit = configuration.connectionsMaximum
        drainLimit.value = configuration.drainLimit
    }

    /// How many recordings of an interrupted run were completed at the start.
    public var recovered: Int { recorder.recovered }

    /// Where health and metrics are told; `nil` where that was not asked for.
    public var metricsAddress: SocketAddress? { metricsServer?.address }

    /// Connections that are open now; a count.
    public var connectionCount: Int { stations.reduce(0) { $0 + $1.connectionCount } }

    /// Stops listening, lets connections come to rest within the limit, ends those that do not, seals every recording.
    /// Returns when everything is on disk.
    public func drain() async {
        control.beginDraining()
        for entrance in entrances.value { entrance.acceptor.stop() }
        await withTaskGroup { tasks in
            for station in stations {
                tasks.addTask(executorPreference: station.loop) { [drainLimit = drainLimit.value] in
                    await station.drain(within: drainLimit)
                }
            }
        }
        for entrance in entrances.value { await entrance.finish() }
        controlServer.stop()
        metricsServer?.stop()
        await lingerOut()
        await group.stop()
        recorder.shutdown()
        await log.flush()
    }

    private func lingerOut() async {
        let deadline = ContinuousClock.now + Self.lingerLimit
        while group.connectionCount > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func control(
        _ configuration: GatewayConfiguration, _ group: EventLoopGroup, _ pool: BlockingPool, _ control: GatewayControl
    ) throws(GatewayError) -> ControlServer {
        let path = configuration.controlSocket ?? "\(configuration.recorder.state)/\(ControlProtocol.socketName)"
        do throws(TransportError) {
            return try ControlServer(at: path, group: group, pool: pool, delegate: control)
        } catch { throw .listen(.unix(path: path), error) }
    }

    private static func metrics(
        _ configuration: GatewayConfiguration, _ group: EventLoopGroup, _ control: GatewayControl
    ) throws(GatewayError) -> MetricsServer? {
        guard let address = configuration.metrics else { return nil }
        do throws(TransportError) {
            return try MetricsServer(on: address, group: group, source: control)
        } catch { throw .listen(address, error) }
    }
}
