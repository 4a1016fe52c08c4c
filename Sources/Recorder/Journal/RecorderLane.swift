import Adapters
import CLinux
import Glibc
public import Protocols
import Synchronization

/// One event loop's way into the recorder: a journal that only this loop appends to, without a lock, and without a system call
/// unless a record is long.
///
/// Confined to its loop's thread, except where a member says otherwise; that is why the compiler is told not to check.
@safe
public final class RecorderLane: @unchecked Sendable {
    let recorder: Recorder
    let queue: JournalQueue
    private let syncer: Syncer
    private var current: JournalSegment
    private var cursor = JournalSegment.headerBytes
    /// The position of the current segment's first byte.
    private var base: JournalPosition
    /// The compactor is woken when this much has been appended, rather than once per record.
    private var nextRing: JournalPosition = 0
    private static let ringBytes: UInt64 = 1 << 20

    init(of recorder: Recorder, _ queue: JournalQueue, _ syncer: Syncer) throws(RecorderError) {
        self.recorder = recorder
        self.syncer = syncer
        self.queue = queue
        guard let first = queue.takeFree() else { throw .journalFull }
        current = first.segment
        base = first.base
    }

    /// Everything below has been appended.
    private var position: JournalPosition { base + UInt64(cursor) }

    /// Everything below is durable. May be read anywhere.
    public var durable: JournalPosition { queue.durable.load(ordering: .acquiring) }

    /// Whether one more read may be taken in. If not, the caller waits for the room handler before it reads again.
    public var hasRoom: Bool { current.byteCount - cursor >= Self.readRoom || queue.hasFree }

    /// Waits for room. For those who read files, never for an event loop.
    public func awaitRoom() {
        while !hasRoom { usleep(1000) }
    }

    /// More than one read of any connection can add: a statement held whole, its notes, their headers.
    private static let readRoom = 3 << 20

    /// Called from the recorder's threads whenever more is durable, or there is room again.
    public func setHandlers(
        onDurable: @escaping @Sendable (JournalPosition) -> Void, onRoom: @escaping @Sendable () -> Void
    ) {
        queue.setHandlers(onDurable: onDurable, onRoom: onRoom)
    }

    /// Strict durability: starts a sync as soon as none runs. May be called anywhere.
    public func requestSync() { syncer.request() }

    /// Begins a recording: its START record is in the journal when this returns. The recorder fills in the session's
    /// number and the ledger's hash.
    public func begin(_ facts: StartFacts, at time: Timestamp) throws(RecorderError) -> Recording {
        try recorder.admit()
        let id = RecordingID(wallNanoseconds: time.wallNanoseconds, random: SystemRandom.bytes(10))
        let recording = Recording(id, on: self)
        try recorder.book.begin(id, at: time, on: queue) { (link) throws(RecorderError) in
            var start = facts
            start.sessionNumber = link.number
            start.previousLedgerHash = link.previous
            return try recording.begin(start, at: time)
        }
        return recording
    }

    /// Appends one record. Everything that is ever forwarded has come through here first.
    @inline(__always)
    func append(
        _ kind: JournalEnvelope.Kind, _ recording: RecordingID, _ header: RecordHeader?, _ payload: Span<UInt8>
    ) throws(RecorderError) -> JournalPosition {
        let recordBytes = header == nil ? 0 : RecordHeader.byteCount + payload.count
        let needed = JournalEnvelope.paddedByteCount(record: recordBytes)
        if cursor + needed > current.byteCount { try roll(for: needed) }
        let start = cursor
        // SAFETY: `roll` left room for `needed` bytes behind the cursor, which only this thread writes to.
        try unsafe payload.withUnsafeBytes { (bytes) throws(RecorderError) in
            unsafe try write(kind, recording, header, bytes, at: start)
        }
        cursor = start + needed
        queue.publish(position)
        if position >= nextRing {
            nextRing = position + Self.ringBytes
            queue.doorbell.ring()
        }
        return position
    }

    private func write(
        _ kind: JournalEnvelope.Kind, _ recording: RecordingID, _ header: RecordHeader?,
        _ payload: UnsafeRawBufferPointer, at start: Int
    ) throws(RecorderError) {
        let envelopeBytes = JournalEnvelope.byteCount
        let headBytes = envelopeBytes + (header == nil ? 0 : RecordHeader.byteCount)
        let fault = unsafe withUnsafeTemporaryAllocation(byteCount: headBytes, alignment: 8) { head -> StoreFault? in
            // SAFETY: the allocation has room for the envelope, and for the header where there is one.
            let target = head.baseAddress!
            let recordBytes = header == nil ? 0 : RecordHeader.byteCount + payload.count
            unsafe target.storeBytes(of: UInt32(recordBytes).littleEndian, as: UInt32.self)
            unsafe target.storeBytes(of: current.epoch.littleEndian, toByteOffset: 8, as: UInt32.self)
            unsafe target.storeBytes(of: kind.rawValue.littleEndian, toByteOffset: 12, as: UInt32.self)
            unsafe target.storeBytes(of: recording.high.bigEndian, toByteOffset: 16, as: UInt64.self)
            unsafe target.storeBytes(of: recording.low.bigEndian, toByteOffset: 24, as: UInt64.self)
            if let header { unsafe header.store(payloadCount: payload.count, to: target + envelopeBytes) }
            let covered = unsafe UnsafeRawBufferPointer(rebasing: head[8...])
            let checksum = unsafe CRC32C.crc32c(
                Span<UInt8>(_unsafeBytes: payload), seed: CRC32C.crc32c(Span<UInt8>(_unsafeBytes: covered)))
            unsafe target.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
            do throws(StoreFault) { try unsafe current.put(UnsafeRawBufferPointer(head), payload, at: start) } catch {
                return error
            }
            return nil
        }
        if let fault { throw .store(fault) }
    }

    /// The recording is complete, however much of it could be written.
    func finish(_ recording: RecordingID) {
        do throws(RecorderError) { _ = try append(.finish, recording, nil, Span()) } catch { queue.finished(recording) }
    }

    /// Goes on in the next free segment, where so many bytes are needed.
    private func roll(for needed: Int) throws(RecorderError) {
        guard JournalSegment.headerBytes + needed <= current.byteCount else { throw .tooLarge(needed) }
        guard let next = queue.takeFree() else { throw .journalFull }
        if cursor + JournalEnvelope.byteCount <= current.byteCount {
            // SAFETY: within the mapping. Epoch 0 ends what is valid here.
            unsafe current.address(cursor).storeBytes(of: 0, toByteOffset: 8, as: UInt32.self)
        }
        current = next.segment
        base = next.base
        cursor = JournalSegment.headerBytes
        queue.doorbell.ring()
    }
}

extension RecordHeader {
    /// Writes the same bytes as `write(payloadCount:into:)`, where they belong.
    @inline(__always)
    func store(payloadCount: Int, to target: UnsafeMutableRawPointer) {
        // SAFETY: the caller has `byteCount` bytes at `target`.
        unsafe target.storeBytes(of: UInt32(Self.byteCount - 4 + payloadCount).littleEndian, as: UInt32.self)
        unsafe target.storeBytes(of: type.rawValue, toByteOffset: 4, as: UInt8.self)
        unsafe target.storeBytes(of: direction?.rawValue ?? 0, toByteOffset: 5, as: UInt8.self)
        unsafe target.storeBytes(of: 0, toByteOffset: 6, as: UInt16.self)
        unsafe target.storeBytes(of: stream.littleEndian, toByteOffset: 8, as: UInt32.self)
        unsafe target.storeBytes(of: sequence.littleEndian, toByteOffset: 12, as: UInt64.self)
        unsafe target.storeBytes(of: gatewaySequence.littleEndian, toByteOffset: 20, as: UInt64.self)
        unsafe target.storeBytes(of: time.monotonicNanoseconds.littleEndian, toByteOffset: 28, as: UInt64.self)
        unsafe target.storeBytes(of: time.wallNanoseconds.littleEndian, toByteOffset: 36, as: Int64.self)
    }
}
