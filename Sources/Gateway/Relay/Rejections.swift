import Protocols
import Recorder
import Transport

/// Failed logins, scans and strangers: what each of them said goes into one recording, and a new one is begun now and then.
///
/// No connection has a recording of its own before it is known who calls, or anybody could fill the folder. Confined to one
/// loop, except where a member says otherwise.
@safe
final class Rejections: @unchecked Sendable {
    private let station: Station
    private let listener: String
    private var tape: Tape?
    private var begun: UInt64 = 0
    private var byteCount = 0
    private var limit = RateLimit(perSecond: 10, burst: 200)
    /// Callers that came too fast to be kept; a count.
    private var unkept = 0

    private static let bytesMaximum = 4 << 20
    private static let nanosecondsMaximum: UInt64 = 3_600_000_000_000

    init(_ station: Station, listener: String) {
        self.station = station
        self.listener = listener
    }

    /// Keeps what crossed with one caller. May be called anywhere.
    func add(_ client: SocketAddress, _ prologue: Prologue, reason: String) {
        station.loop.execute { [self] in keep(client, prologue, reason) }
    }

    /// Seals what there is. May be called anywhere.
    func finish() async {
        await Task(executorPreference: station.loop) { [self] in end(at: station.loop.now) }.value
    }

    private func keep(_ client: SocketAddress, _ prologue: Prologue, _ reason: String) {
        let now = station.loop.now
        guard limit.admits(at: now.monotonicNanoseconds), station.lane.hasRoom else {
            unkept += 1
            return
        }
        if byteCount > Self.bytesMaximum || now.monotonicNanoseconds > begun + Self.nanosecondsMaximum { end(at: now) }
        do throws(RecorderError) {
            var tape = try current(at: now)
            for step in prologue.steps {
                try tape.record(step.action, step.window.span, .clientToServer, at: step.time)
                byteCount += step.window.count
            }
            byteCount += 1_000
            try tape.remark("turned \(client) away: \(reason)", at: now)
            if unkept > 0 {
                try tape.remark("\(unkept) more came too fast to be kept", at: now)
                unkept = 0
            }
            self.tape = tape
        } catch {
            station.log.error("rejection not recorded", .client(client), .cause(error))
            end(at: now)
        }
    }

    private func current(at now: Timestamp) throws(RecorderError) -> Tape {
        if let tape { return tape }
        return try begin(at: now)
    }

    private func begin(at now: Timestamp) throws(RecorderError) -> Tape {
        let facts = StartFacts(
            protocolID: .rejected, client: "those who were turned away", listener: listener, target: "nobody",
            software: "\(Software.name) \(Software.version)", sessionNumber: 0, previousLedgerHash: [])
        begun = now.monotonicNanoseconds
        byteCount = 0
        return Tape(try station.lane.begin(facts, at: now))
    }

    private func end(at now: Timestamp) {
        tape?.finish("no more callers are kept here", at: now)
        tape = nil
    }
}

extension ProtocolID {
    /// Of the recording that belongs to no connection.
    static let rejected = ProtocolID(rawValue: "rejected")
}
