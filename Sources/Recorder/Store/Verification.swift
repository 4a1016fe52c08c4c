/// What verification says about one recording or ledger.
public enum VerificationResult: Sendable, Equatable {
    /// Every byte is as the named signer signed it.
    case holds(signer: String)
    /// Something was changed, removed, added or moved.
    case altered(Finding)
    /// No END: the gateway was interrupted, or the file was cut. `isLive`: a gateway is still writing it.
    case incomplete(Finding, isLive: Bool)
    /// The bytes fit a signature, but nobody said that its key is to be trusted.
    case unknownSigner(KeyID)
    /// The file could not be opened or read; nothing is said about its bytes.
    case unreadable(StoreFault)

    public var holds: Bool {
        if case .holds = self { true } else { false }
    }
}

/// What is wrong, and exactly where.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// From the start of the file.
    public var fileOffset: UInt64
    /// The segments among which it is, counted from 0; `nil` outside segments.
    public var segments: ClosedRange<UInt64>?
    /// The records' sequence numbers, as far as they can be told.
    public var records: ClosedRange<UInt64>?
    public var reason: String

    public init(
        fileOffset: UInt64, segments: ClosedRange<UInt64>? = nil, records: ClosedRange<UInt64>? = nil, reason: String
    ) {
        self.fileOffset = fileOffset
        self.segments = segments
        self.records = records
        self.reason = reason
    }

    public var description: String {
        var place = "byte \(fileOffset)"
        if let segments { place += ", \(Self.name("segment", segments))" }
        if let records { place += ", \(Self.name("record", records))" }
        return "\(reason) (\(place))"
    }

    private static func name(_ noun: String, _ range: ClosedRange<UInt64>) -> String {
        range.count == 1 ? "\(noun) \(range.lowerBound)" : "\(noun)s \(range.lowerBound) to \(range.upperBound)"
    }
}

/// One recording, verified.
public struct RecordingReport: Sendable, Equatable {
    public var path: String
    public var result: VerificationResult
    /// `nil` where not even that can be read.
    public var recording: RecordingID?
    /// What END says; `nil` when there is none.
    public var end: EndFrame?
    /// The first record, and its wall time.
    public var start: StartFacts?
    public var startWallNanoseconds: Int64 = 0
    public var storedByteCount: UInt64 = 0
}

/// A folder of recordings and its ledger, verified.
public struct FolderReport: Sendable {
    /// In order of their names.
    public var recordings: [RecordingReport]
    /// The ledger itself.
    public var ledger: VerificationResult
    /// Sessions that the ledger or their neighbours' numbers tell of, and that are not there.
    public var missing: [ClosedRange<UInt64>]
    /// Sessions that a living gateway has begun and whose first records have yet to reach a file.
    public var begun: [UInt64] = []

    public var holds: Bool {
        ledger.holds && missing.isEmpty && begun.isEmpty && recordings.allSatisfy(\.result.holds)
    }
}
