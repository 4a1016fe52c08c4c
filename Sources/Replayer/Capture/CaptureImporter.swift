import Adapters
import Protocols
public import Recorder

/// Why a capture was not imported, or not to its end.
public enum ImportFailure: Error, Sendable {
    case capture(CaptureFailure)
    case recorder(RecorderError)
}

/// Makes recordings of a capture's connections: `wiretrail import`. Each names the capture by its SHA-256.
///
/// Secrets of Postgres and HTTP stand in the recordings as filler, as in those of a gateway; all else as it was captured.
public struct CaptureImporter: Sendable {
    public var recorder: RecorderConfiguration
    public var context = FlowContext(protocols: ProtocolRegistry.all)
    /// Names as in ``DecodeFilter/protocols``; empty: all that said anything.
    public var protocols: Set<String> = []
    /// Passwords and credentials are imported as they were captured.
    public var keepsSecrets = false
    /// Gets how many of how many bytes of the file are read.
    public var progress: @Sendable (UInt64, UInt64?) -> Void = { _, _ in }

    /// - Parameters: the folders of a gateway that does not run now, or new ones.
    public init(state: String, recordings: String) {
        recorder = RecorderConfiguration(state: state, recordings: recordings, lanes: 1)
    }

    /// What came of an import.
    public struct Outcome: Sendable {
        public var recordings: [RecordingID]
        public var sha256: [UInt8]
        /// Why the capture could not be read to its end; what came before is imported.
        public var failure: CaptureFailure?
    }

    /// Reads the file twice: for its digest, and for its packets.
    public func run(_ path: String) throws(ImportFailure) -> Outcome {
        let digest: [UInt8]
        do throws(CaptureFailure) { digest = try CaptureSource.sha256(path) } catch { throw .capture(error) }
        do throws(RecorderError) {
            let recorder = try Recorder(recorder)
            defer { recorder.shutdown() }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let ledger = ImportLedger(recorder.lanes[0], file: name, sha256: digest, protocols: protocols)
            ledger.keepsSecrets = keepsSecrets
            let failure = try follow(path, ledger)
            if let failure = ledger.failure { throw failure }
            return Outcome(recordings: ledger.recordings, sha256: digest, failure: failure)
        } catch { throw .recorder(error) }
    }

    private func follow(_ path: String, _ ledger: ImportLedger) throws(RecorderError) -> CaptureFailure? {
        var flows = ImportFlows(context, ledger)
        do throws(CaptureFailure) {
            var blocks = CaptureBlocks(try CaptureSource(path), shards: 1, context.limits)
            while ledger.failure == nil, let block = blocks.next() {
                progress(blocks.source.position, blocks.source.size)
                flows.take(block)
                blocks.reuse(block)
            }
            flows.finish()
            return blocks.failure
        } catch { return error }
    }
}

/// The connections of a capture that go on.
private struct ImportFlows {
    private let guide: FlowGuide<ErasedListener>
    private var flows: [FlowFollower<ErasedListener>?] = []

    init(_ context: FlowContext, _ ledger: ImportLedger) {
        var context = context
        context.asksPackets = false
        guide = FlowGuide(context) { opening, speech in
            let listener = ImportListener(opening, speech: speech, ledger)
            if ledger.keepsSecrets { return ErasedListener(listener) }
            return switch opening.descriptor?.id {
            case .postgres: ErasedListener(RedactingListener<PostgresSecretFinder>(listener, limits: opening.limits))
            case .http: ErasedListener(RedactingListener<HTTPSecretFinder>(listener, limits: opening.limits))
            case .http2: ErasedListener(RedactingListener<HTTP2SecretFinder>(listener, limits: opening.limits))
            default: ErasedListener(listener)
            }
        }
    }

    mutating func take(_ block: CaptureBlock) {
        let bytes = block.bytes.span
        var beginnings = block.packets[0].beginnings.makeIterator()
        for packet in block.packets[0].packets {
            let slot = Int(packet.slot)
            if packet.begins, let beginning = beginnings.next() {
                while flows.count <= slot { flows.append(nil) }
                end(slot)
                flows[slot] = FlowFollower(beginning, packet.stamp, guide)
            }
            flows[slot]?.take(packet, bytes)
            if flows[slot]?.ending == .closed { end(slot) }
        }
        for slot in flows.indices { flows[slot]?.leave(bytes) }
    }

    mutating func finish() {
        for slot in flows.indices { end(slot) }
    }

    private mutating func end(_ slot: Int) {
        flows[slot]?.finish()
        flows[slot] = nil
    }
}
