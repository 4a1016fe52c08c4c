import Adapters
import Glibc
import Protocols

// A sidecar lets a timeline begin anywhere in a big recording. It is made of the recording alone, can be made again at any
// time, and belongs to the reader: it stands in his state folder, because nobody signs it.
//
// Header of 64 bytes (magic, recording, END's root), states, entries of 80 bytes, and 24 bytes at the end: where the entries
// begin, how many there are, magic. A state that several entries share stands once.

private enum SidecarFile {
    static let magic = Array("WTRSIDE1".utf8)
    static let headerBytes = 64
    static let trailerBytes = 24

    static func path(_ folder: String, _ recording: RecordingID) -> String { "\(folder)/\(recording).sidecar" }

    static func header(_ end: EndFrame) -> [UInt8] {
        var header = magic
        end.recording.write(into: &header)
        header += end.root
        header += [UInt8](repeating: 0, count: headerBytes - header.count)
        return header
    }
}

/// Makes the sidecar of one sealed recording. Not for use from two threads at once.
public final class SidecarWriter {
    private let path: String
    private let draft: String
    private let file: StoreFile
    private var size: UInt64
    private var entries: [UInt8] = []
    private var entryCount: UInt64 = 0
    private var lastState: [UInt8] = []
    private var lastPlace = SidecarState(offset: 0, count: 0, checksum: 0)
    private var isFinished = false

    /// - Parameter folder: made when it is missing.
    public init(in folder: String, of end: EndFrame) throws(StoreFault) {
        try StoreFile.makeFolder(folder)
        path = SidecarFile.path(folder, end.recording)
        draft = "\(path).\(getpid())"
        unsafe unlink(draft)
        file = try StoreFile(draft, .create)
        let header = SidecarFile.header(end)
        try file.write(header.span, at: 0)
        size = UInt64(header.count)
    }

    deinit { if !isFinished { file.remove() } }

    /// Entries come in the order of their segments. A state that is too big is left out, and so is its entry.
    public func append(_ entry: SidecarEntry, state: [UInt8]) throws(StoreFault) {
        guard state.count <= SidecarEntry.stateMaximum else { return }
        if state != lastState || entryCount == 0 {
            try file.write(state.span, at: size)
            lastPlace = SidecarState(
                offset: size, count: state.count, checksum: CRC32C.crc32c(state.span, seed: 0))
            size += UInt64(state.count)
            lastState = state
        }
        entry.write(lastPlace, into: &entries, checksum: CRC32C.self)
        entryCount += 1
    }

    /// The sidecar is complete, and takes its name.
    public func finish() throws(StoreFault) {
        let bytes = exchange(&entries, with: [])
        try file.write(bytes.span, at: size)
        var trailer: [UInt8] = []
        trailer.appendLE(size)
        trailer.appendLE(entryCount)
        trailer += SidecarFile.magic
        try file.write(trailer.span, at: size + UInt64(bytes.count))
        guard unsafe rename(draft, path) == 0 else { throw file.fault("rename") }
        isFinished = true
    }
}

/// Reads a sidecar. Whatever is wrong with it makes it useless, never the timeline.
public struct SidecarReader: ~Copyable {
    private let file: StoreFile
    private let entriesOffset: UInt64
    private let entryCount: UInt64

    /// `nil` when there is none for this very recording.
    public init?(in folder: String, of end: EndFrame) {
        guard let file = try? StoreFile(SidecarFile.path(folder, end.recording), .read), let size = try? file.size(),
            size >= UInt64(SidecarFile.headerBytes + SidecarFile.trailerBytes)
        else { return nil }
        var bytes: [UInt8] = []
        try? file.read(SidecarFile.headerBytes, at: 0, into: &bytes)
        guard bytes == SidecarFile.header(end) else { return nil }
        try? file.read(SidecarFile.trailerBytes, at: size - UInt64(SidecarFile.trailerBytes), into: &bytes)
        guard let offset = bytes.span.uint64LE(at: 0), let count = bytes.span.uint64LE(at: 8),
            Array(bytes[16...]) == SidecarFile.magic, offset <= size,
            (size - offset - UInt64(SidecarFile.trailerBytes)) == count &* UInt64(SidecarEntry.byteCount)
        else { return nil }
        self.file = file
        entriesOffset = offset
        entryCount = count
    }

    /// Whether this time is before all entries.
    public func begins(afterWall nanoseconds: Int64) -> Bool {
        entry(0).map { $0.entry.time.wallNanoseconds > nanoseconds } ?? (entryCount == 0)
    }

    /// The last entry at or before this time, and its state; `nil` when none is, or it is damaged.
    public func last(atWall nanoseconds: Int64) -> (entry: SidecarEntry, state: [UInt8])? {
        var low: UInt64 = 0
        var high = entryCount
        while low < high {
            let middle = (low + high) / 2
            guard let found = entry(middle) else { return nil }
            if found.entry.time.wallNanoseconds <= nanoseconds { low = middle + 1 } else { high = middle }
        }
        guard low > 0, let found = entry(low - 1) else { return nil }
        var state: [UInt8] = []
        try? file.read(found.state.count, at: found.state.offset, into: &state)
        guard state.count == found.state.count, CRC32C.crc32c(state.span, seed: 0) == found.state.checksum else {
            return nil
        }
        return (found.entry, state)
    }

    private func entry(_ index: UInt64) -> (entry: SidecarEntry, state: SidecarState)? {
        var bytes: [UInt8] = []
        try? file.read(
            SidecarEntry.byteCount, at: entriesOffset + index * UInt64(SidecarEntry.byteCount), into: &bytes)
        return SidecarEntry.parse(bytes.span, checksum: CRC32C.self)
    }
}
