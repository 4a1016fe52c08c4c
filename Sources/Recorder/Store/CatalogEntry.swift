public import Protocols

/// What the catalog knows of one recording: nothing that is not in its file.
public struct CatalogEntry: Sendable, Hashable {
    public enum State: String, Sendable, CaseIterable {
        /// No END yet: the gateway writes it, or was interrupted.
        case open
        /// The connection ended and the recording was sealed.
        case closed
        /// Sealed by recovery.
        case interrupted
        /// The file is damaged.
        case damaged
    }

    public var recording: RecordingID
    public var sessionNumber: UInt64
    /// Nanoseconds since 1970.
    public var startWallNanoseconds: Int64
    public var endWallNanoseconds: Int64?
    /// Who was identified first; `nil` before anybody was.
    public var identity: String?
    /// How the identity was proven.
    public var method: String?
    public var client: String
    public var target: String
    public var protocolName: String
    public var bytes: StreamOffsets
    /// How many records there are; 0 before the recording is sealed.
    public var records: UInt64
    public var state: State
    /// Relative to the folder of recordings.
    public var path: String
    /// The key of the session that the connection served first and others may serve, too; `nil` when there is none.
    public var sharedSession: String?

    public init(
        recording: RecordingID, sessionNumber: UInt64, startWallNanoseconds: Int64, endWallNanoseconds: Int64? = nil,
        identity: String? = nil, method: String? = nil, client: String, target: String, protocolName: String,
        bytes: StreamOffsets = StreamOffsets(), records: UInt64 = 0, state: State = .open, path: String,
        sharedSession: String? = nil
    ) {
        self.recording = recording
        self.sessionNumber = sessionNumber
        self.startWallNanoseconds = startWallNanoseconds
        self.endWallNanoseconds = endWallNanoseconds
        self.identity = identity
        self.method = method
        self.client = client
        self.target = target
        self.protocolName = protocolName
        self.bytes = bytes
        self.records = records
        self.state = state
        self.path = path
        self.sharedSession = sharedSession
    }
}

extension CatalogEntry {
    /// The entry of one file, from what stands in its first segment and its END, however long the recording.
    ///
    /// - Parameter folder: what ``path`` is relative to.
    public init?(file path: String, in folder: RecordingsFolder) throws(StoreFault) {
        let reader: RecordingReader
        do throws(StoreFault) { reader = try RecordingReader(path) } catch {
            guard case .format = error else { throw error }
            return nil
        }
        var entry: CatalogEntry?
        let outcome = Result { () throws(StoreFault) in
            try reader.forEachRecord { header, payload, place in
                Self.read(header, payload, of: reader.recording, at: folder.relative(path), into: &entry)
                    && place.segment == .first
            }
        }
        guard var found = entry else { return nil }
        if case .failure = outcome { found.state = .damaged }
        if let end = reader.end, found.state != .damaged { found.seal(end) }
        self = found
    }

    /// The entry of a recording that is being written, from the records of its first segment; `nil` when none is START.
    ///
    /// - Parameter path: relative to the folder of recordings.
    init?(firstSegment raw: Span<UInt8>, of recording: RecordingID, at path: String) {
        var entry: CatalogEntry?
        try? Record.forEach(in: raw) { header, payload, _ in
            Self.read(header, payload, of: recording, at: path, into: &entry)
        }
        guard let entry else { return nil }
        self = entry
    }

    /// Takes in what one record tells. Returns whether the next one may tell more.
    private static func read(
        _ header: RecordHeader, _ payload: Span<UInt8>, of recording: RecordingID, at path: String,
        into entry: inout CatalogEntry?
    ) -> Bool {
        switch header.type {
        case .start:
            guard let start = try? StartFacts(payload) else { return false }
            entry = CatalogEntry(start, recording, header.time.wallNanoseconds, path: path)
        case .identity:
            let identity = (try? IdentityFacts(payload))?.identity
            entry?.identity = identity?.subject
            entry?.method = identity?.method
        case .note:
            guard Annotation.mayBe(.session, payload), let note = try? Annotation(header, payload),
                note.kind == .session
            else { break }
            entry?.sharedSession = note.reason
        case .data, .gap, .checkpoint: break
        }
        // A caller is identified before anything is forwarded; later ones of a shared connection are not listed.
        // The key of a shared session comes with a request or its response.
        let isKnown = entry?.identity != nil && (entry?.sharedSession != nil || !(entry?.mayShare ?? false))
        return entry != nil && !isKnown
    }

    public init(_ start: StartFacts, _ recording: RecordingID, _ wallNanoseconds: Int64, path: String) {
        self.init(
            recording: recording, sessionNumber: start.sessionNumber, startWallNanoseconds: wallNanoseconds,
            client: start.client, target: start.target, protocolName: start.protocolID.rawValue, path: path)
    }

    /// Whether the protocol has sessions of several connections.
    private var mayShare: Bool { protocolName == ProtocolID.http.rawValue }

    /// The recording was sealed.
    public mutating func seal(_ end: EndFrame) {
        endWallNanoseconds = end.lastWallNanoseconds
        bytes = end.offsets
        records = end.records
        state = end.cause == .closed ? .closed : .interrupted
    }
}
