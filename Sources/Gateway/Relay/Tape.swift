import Protocols
import Recorder

/// One connection's recording, fed with what the proxy core wants done.
struct Tape {
    private let recording: Recording
    private var ledger = LegLedger()
    private var entries: [LegLedger.Entry] = []
    /// Up to here everything has been appended to the journal.
    private(set) var position: JournalPosition

    var sessionNumber: UInt64 { recording.sessionNumber }
    /// Bytes of the client leg so far.
    var bytes: (fromClient: UInt64, toClient: UInt64) { (ledger.fromClient, ledger.toClient) }

    init(_ recording: Recording) {
        self.recording = recording
        position = recording.startPosition
    }

    /// The common case, without detours: bytes that go on as they came.
    mutating func forward(_ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp) throws(RecorderError) {
        ledger.forwarded(bytes.count, direction)
        position = try recording.data(bytes, direction, stream: 0, at: time)
    }

    /// Records what an action does to the client leg, before it is done.
    mutating func record(
        _ action: ProxyAction, _ window: Span<UInt8>, _ direction: Direction, at time: Timestamp
    ) throws(RecorderError) {
        ledger.entries(for: action, window, direction, into: &entries)
        for entry in exchange(&entries, with: []) {
            switch entry {
            case .window(let direction, let range):
                position = try recording.data(window.extracting(range), direction, stream: 0, at: time)
            case .bytes(let direction, let bytes):
                position = try recording.data(bytes.span, direction, stream: 0, at: time)
            case .note(let annotation):
                position = try recording.note(annotation, at: time)
            }
        }
    }

    /// Who is calling from here on.
    mutating func identity(_ identity: Identity, at time: Timestamp) throws(RecorderError) {
        position = try recording.identity(identity, at: time)
    }

    /// A fact about the connection as a whole.
    mutating func remark(_ reason: String, at time: Timestamp) throws(RecorderError) {
        position = try recording.note(ledger.remark(reason), at: time)
    }

    mutating func finish(_ reason: String, at time: Timestamp) {
        recording.finish(reason, at: time)
    }
}
