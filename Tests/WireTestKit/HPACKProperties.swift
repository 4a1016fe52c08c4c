import Protocols

/// What must hold for every header block. The fuzzer and the replay of its finds share it.
public enum HPACKProperties {
    /// A sentence on what does not hold, or `nil`. The input is blocks of one connection, each a byte of length before it.
    ///
    /// What can be read is written again, with and without Huffman's code, and read as the same.
    public static func violation(_ input: [UInt8]) -> String? {
        var decoder = HPACKDecoder()
        var writers = [HPACKEncoder(usesHuffman: true), HPACKEncoder(usesHuffman: false)]
        var readers = [HPACKDecoder(), HPACKDecoder()]
        var rest = input[...]
        while let length = rest.popFirst() {
            let block = Array(rest.prefix(Int(length)))
            rest = rest.dropFirst(Int(length))
            guard let fields = try? decoder.decode(block.span) else { return nil }
            for index in writers.indices {
                let written = writers[index].encode(fields)
                guard (try? readers[index].decode(written.span)) == fields else {
                    return "written and read again, \(fields) differ"
                }
            }
        }
        return nil
    }
}
