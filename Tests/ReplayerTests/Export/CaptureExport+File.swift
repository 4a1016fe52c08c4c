import Recorder
import Replayer

extension CaptureExport {
    /// Writes the capture to a new file.
    func write(to path: String) throws {
        var file = try ExportFile(path)
        var fault: StoreFault?
        try run { bytes in
            do throws(StoreFault) { try file.write(bytes) } catch { fault = error }
            return fault == nil
        }
        if let fault { throw fault }
        file.finish()
    }
}
