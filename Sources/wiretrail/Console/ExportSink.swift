import Recorder
import Replayer

/// The names of an export's files: the one that was given, and behind it "12-2.html", "12-3.html" …
struct NumberedName: Sendable {
    let path: String

    init(_ path: String) { self.path = path }

    func path(_ number: Int) -> String {
        guard number > 1 else { return path }
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let dot = path[slash...].lastIndex(of: ".").flatMap { $0 > slash ? $0 : nil } ?? path.endIndex
        return "\(path[..<dot])-\(number)\(path[dot...])"
    }

    /// Without the folder.
    func fileName(_ number: Int) -> String {
        let path = path(number)
        return path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}

/// Where an export goes: standard output, or files that are written one after the other. A file that is not finished is
/// removed; those before it stay.
struct ExportSink: ~Copyable {
    private let names: NumberedName?
    private var number = 0
    private var file: ExportFile?
    private var failure: Failure?

    /// - Parameter names: `nil` for standard output.
    init(_ names: NumberedName?) { self.names = names }

    /// False when there is no way to go on; ``finish()`` tells why.
    mutating func write(_ number: Int, _ bytes: Span<UInt8>) -> Bool {
        guard failure == nil else { return false }
        do throws(Failure) {
            if let names { try write(bytes, to: names.path(number), number) } else { try Output.write(bytes) }
        } catch {
            failure = error
            file = nil
        }
        return failure == nil
    }

    private mutating func write(_ bytes: Span<UInt8>, to path: String, _ number: Int) throws(Failure) {
        do throws(StoreFault) {
            if number != self.number {
                file?.finish()
                file = try ExportFile(path)
                self.number = number
            }
            try file?.write(bytes)
        } catch { throw Failure(error) }
    }

    /// - Throws: what went wrong while writing.
    consuming func finish() throws(Failure) {
        if let failure { throw failure }
        file?.finish()
    }
}
