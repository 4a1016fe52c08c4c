import Protocols
import Recorder

/// What all connections of one import share: the recorder's lane, and what came of it. Confined to one task.
final class ImportLedger {
    let lane: RecorderLane
    let file: String
    let sha256: [UInt8]
    /// Names of the protocols that are imported; empty: all.
    let protocols: Set<String>
    /// Nothing is taken out of what was captured.
    var keepsSecrets = false
    private(set) var recordings: [RecordingID] = []
    /// Why nothing more could be recorded.
    private(set) var failure: RecorderError?

    init(_ lane: RecorderLane, file: String, sha256: [UInt8], protocols: Set<String>) {
        self.lane = lane
        self.file = file
        self.sha256 = sha256
        self.protocols = protocols
    }

    /// A recording of this connection; `nil` where it is not wanted, or none can be made any more.
    func begin(_ opening: FlowOpening, speech: String) -> Recording? {
        guard protocols.isEmpty || protocols.contains(speech) else { return nil }
        var facts = StartFacts(
            protocolID: ProtocolID(rawValue: speech), client: opening.client.description,
            listener: opening.server.description, target: opening.server.description,
            software: "\(Software.name) \(Software.version)", sessionNumber: 0, previousLedgerHash: [])
        facts.imported = ImportSource(file: file, sha256: sha256, flow: opening.number)
        return record { () throws(RecorderError) in
            let recording = try lane.begin(facts, at: opening.begun)
            recordings.append(recording.id)
            return recording
        }
    }

    /// Does what may fail; after a failure nothing any more.
    func record<Value>(_ body: () throws(RecorderError) -> Value) -> Value? {
        guard failure == nil else { return nil }
        lane.awaitRoom()
        do throws(RecorderError) { return try body() } catch {
            failure = error
            return nil
        }
    }
}

/// Writes what a connection said into a recording.
struct ImportListener: FlowListener {
    private let ledger: ImportLedger
    private let recording: Recording?

    init(_ opening: FlowOpening, speech: String, _ ledger: ImportLedger) {
        self.ledger = ledger
        recording = ledger.begin(opening, speech: speech)
        if ledger.keepsSecrets {
            let kept = Annotation(
                .information, .clientToServer, range: 0..<0, reason: "imported with the secrets that were captured")
            annotation(kept, at: opening.begun)
        }
    }

    mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp) {
        record { (recording) throws(RecorderError) in _ = try recording.data(bytes, direction, stream: 0, at: time) }
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, at time: Timestamp) {
        let reason = length == 0 ? "the connection began before the capture" : "not captured"
        record { (recording) throws(RecorderError) in
            try recording.gap(length == 0 ? nil : length, direction, reason: reason, at: time)
        }
    }

    mutating func annotation(_ annotation: Annotation, at time: Timestamp) {
        record { (recording) throws(RecorderError) in _ = try recording.note(annotation, at: time) }
    }

    mutating func finish(at time: Timestamp) { recording?.finish("nothing more of it was captured", at: time) }

    mutating func drain() -> FlowOutcome { FlowOutcome(heldCount: 0) }

    private func record(_ body: (Recording) throws(RecorderError) -> Void) {
        guard let recording else { return }
        _ = ledger.record { () throws(RecorderError) in try body(recording) }
    }
}

/// A listener whose kind depends on what a connection speaks.
struct ErasedListener: FlowListener {
    private var listener: any FlowListener

    init(_ listener: some FlowListener) { self.listener = listener }

    mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp) {
        listener.data(bytes, direction, at: time)
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, at time: Timestamp) {
        listener.gap(length, direction, at: time)
    }

    mutating func annotation(_ annotation: Annotation, at time: Timestamp) { listener.annotation(annotation, at: time) }

    mutating func finish(at time: Timestamp) { listener.finish(at: time) }

    mutating func drain() -> FlowOutcome { listener.drain() }
}
