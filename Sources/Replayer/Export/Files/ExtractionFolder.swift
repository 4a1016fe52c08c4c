import Glibc
import Protocols
import Recorder

/// A new folder of extracted files. Each is named by the SHA-256 of what it holds; `manifest.json` tells what that is.
///
/// Nothing that a peer sent is ever a name or a path. The folder is made here, for us alone; every file is created
/// exclusively within it and follows no link, and what is there already under its name holds the same.
final class ExtractionFolder: ContentSink {
    private struct Open {
        var content: Content
        var file: FolderFile
    }

    private let path: String
    private let descriptor: Int32
    private let manifest: FolderFile
    /// Streams run side by side.
    private var open: [ContentLane: Open] = [:]
    private static let openMaximum = 256
    /// Contents that came while too many others did.
    private var leftOut = 0
    private var count = 0
    /// The one whose contents come.
    var recording: RecordingID
    /// What went wrong first; nothing is written behind it.
    private(set) var fault: StoreFault?

    /// - Throws: `.system` when something stands at `path`, or the folder cannot be made.
    init(_ path: String, _ recordings: [RecordingID]) throws(StoreFault) {
        // SAFETY: the path is copied by the calls.
        guard unsafe mkdir(path, 0o700) == 0 else {
            throw .system(operation: "make the folder", path: path, errno: errno)
        }
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(operation: "open", path: path, errno: errno) }
        let manifest: FolderFile
        do throws(StoreFault) { manifest = try FolderFile("manifest.json", in: path, descriptor) } catch {
            close(descriptor)
            throw error
        }
        (self.path, self.descriptor, self.manifest) = (path, descriptor, manifest)
        recording = recordings[0]
        let names = recordings.count == 1 ? nil : JSON.array(recordings.map { .string("\($0)") }).text
        let member = names.map { "\"recordings\":\($0)" } ?? "\"recording\":\"\(recording)\""
        attempt { () throws(StoreFault) in
            try manifest.append(Self.line("{\"v\":1,\(member),\"files\":[").span)
        }
    }

    deinit { close(descriptor) }

    func begin(_ content: Content) {
        attempt { () throws(StoreFault) in
            guard open.count < Self.openMaximum else {
                leftOut += 1
                return
            }
            let file = try FolderFile(Self.name(content.lane), in: path, descriptor)
            open[content.lane] = Open(content: content, file: file)
        }
    }

    func append(_ bytes: Span<UInt8>, _ lane: ContentLane) {
        guard fault == nil, let file = open[lane]?.file else { return }
        do throws(StoreFault) { try file.append(bytes) } catch { fault = error }
    }

    func end(_ lane: ContentLane, isWhole: Bool) {
        attempt { () throws(StoreFault) in
            guard let done = open.removeValue(forKey: lane) else { return }
            let name = Hex.encode(try done.file.finish())
            try rename(Self.name(lane), to: name)
            let entry = entry(done.content, name, done.file.byteCount, isWhole: isWhole)
            try manifest.append(Self.line((count > 0 ? ",\n" : "\n") + entry.text).span)
            count += 1
        }
    }

    /// - Throws: what went wrong, here or before.
    func finish() throws(StoreFault) {
        attempt { () throws(StoreFault) in
            try manifest.append(Self.line("\n],\"leftOut\":\(leftOut)}\n").span)
            _ = try manifest.finish()
        }
        if let fault { throw fault }
    }

    /// The same content found again has its file already.
    private func rename(_ name: String, to final: String) throws(StoreFault) {
        // SAFETY: the names are copied by the calls.
        let linked = unsafe linkat(descriptor, name, descriptor, final, 0)
        guard linked == 0 || errno == EEXIST, unsafe unlinkat(descriptor, name, 0) == 0 else {
            throw .system(operation: "name", path: "\(path)/\(final)", errno: errno)
        }
    }

    private func attempt(_ body: () throws(StoreFault) -> Void) {
        guard fault == nil else { return }
        do throws(StoreFault) { try body() } catch { fault = error }
    }

    private func entry(_ content: Content, _ name: String, _ byteCount: UInt64, isWhole: Bool) -> JSON {
        .object([
            "recording": .string("\(recording)"), "sha256": .string(name), "bytes": .unsigned(byteCount),
            "kind": .string(content.kind.rawValue),
            "from": .string("\(content.lane.direction.sender)"), "offset": .unsigned(content.offset),
            "at": .string(UTCDate(wallNanoseconds: content.time.wallNanoseconds).extended8601),
            "facts": .object(content.facts.mapValues(JSON.string)), "whole": .bool(isWhole),
        ])
    }

    private static func line(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Of a file that is being written.
    private static func name(_ lane: ContentLane) -> String { "unfinished-\(lane.direction.sender)-\(lane.stream)" }
}
