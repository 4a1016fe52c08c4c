import Replayer

/// What must hold of every file that is taken for a capture. The fuzzer and the replay of its finds share it.
public enum CaptureProperties {
    /// A sentence on what does not hold, or `nil`. The input is the file.
    public static func violation(_ file: [UInt8]) -> String? {
        var decoder = CaptureDecoder(format: .jsonLines)
        decoder.context.limits.flows = 4
        let whole = decoder.output(of: file, pieces: Chunking.whole.pieces(of: file.count))
        for chunking in [Chunking.halves, .random(seed: UInt64(file.count))] {
            guard decoder.output(of: file, pieces: chunking.pieces(of: file.count)) == whole else {
                return "other events come of the file in pieces: \(chunking)"
            }
        }
        decoder.format = .text(colours: false, showsRows: true)
        _ = decoder.output(of: file, pieces: Chunking.whole.pieces(of: file.count))
        return nil
    }
}
