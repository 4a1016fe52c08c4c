import Protocols
import Testing
import WireTestKit

/// Secrets leave header blocks as filler, and what comes later still means the same.
@Suite struct HTTP2SecretsTests {
    private let query = QuerySecrets()

    /// The frames with filler for their secrets, and what a decoder of its own reads in them.
    private func redacted(_ frames: [[UInt8]]) throws -> (frames: [[UInt8]], blocks: [[HPACKField]]) {
        var (first, second) = (HTTP2Decoder(limits: WireLimits()), HTTP2Decoder(limits: WireLimits()))
        var (output, blocks) = ([[UInt8]](), [[HPACKField]]())
        for frame in [HTTP2Bytes.preface] + frames {
            var filled = frame
            if case .message(.headers(let headers), _) = try first.step(frame.span, .clientToServer) {
                for (range, filler) in headers.block.secrets(query) {
                    #expect(range.count == filler.count)
                    filled.replaceSubrange(range, with: filler)
                }
            }
            if case .message(.headers(let headers), let length) = try second.step(filled.span, .clientToServer) {
                #expect(length == frame.count)
                output.append(filled)
                blocks.append(headers.fields)
            }
        }
        return (output, blocks)
    }

    @Test(arguments: [1, 2, 5], [false, true])
    func `credentials are filler, their schemes and all other fields stay`(_ parts: Int, _ usesHuffman: Bool) throws {
        var bytes = HTTP2Bytes(encoder: HPACKEncoder(usesHuffman: usesHuffman))
        let fields = [
            (":path", "/a?x=1&access_token=tOp53cret&y=2"), ("authorization", "Bearer tOp53cret"),
            ("cookie", "sid=tOp53cret"), ("accept", "text/plain"),
        ]
        let frames = [bytes.headers(fields, stream: 1, frames: parts), bytes.headers(fields, stream: 3)]
        let (filled, blocks) = try redacted(frames)
        #expect(filled.map(\.count) == frames.map(\.count))
        for block in blocks {
            let texts = block.map { $0.text.replacing("*", with: "") }
            #expect(
                texts == [
                    ":path: /a?x=1&access_token=&y=2", "authorization: Bearer ", "cookie: ", "accept: text/plain",
                ])
            #expect(
                !block[3].value.contains(UInt8(ascii: "*"))
                    && block[..<3].allSatisfy { $0.value.contains(UInt8(ascii: "*")) })
        }
    }

    @Test func `what its sender never wants in a table is a secret, save the pseudo-fields`() throws {
        var encoder = HPACKEncoder()
        let block = encoder.encode([
            HPACKField(Array(":path".utf8), Array("/a".utf8), isNeverIndexed: true),
            HPACKField(Array("x-key".utf8), Array("tOp53cret".utf8), isNeverIndexed: true),
            HPACKField("x-key", "open"),
        ])
        let (_, blocks) = try redacted([HTTP2Bytes.frame(1, 4, stream: 1, block)])
        #expect(blocks[0].map { $0.text.filter { $0 != "*" } } == [":path: /a", "x-key: ", "x-key: open"])
    }

    @Test(arguments: 0..<20)
    func `later indexes mean the same as before`(_ round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        var encoder = HPACKEncoder(usesHuffman: round % 2 == 0)
        let values = (0..<30).map { _ in
            (0..<Int.random(in: 1...120, using: &random)).map { _ in UInt8.random(in: 0x21...0x7e, using: &random) }
        }
        let lists = (0..<200).map { _ in
            (0..<Int.random(in: 1...8, using: &random)).map { _ in
                let name = ["x-a", "x-b", "cookie", "authorization"].randomElement(using: &random)!
                return HPACKField(Array(name.utf8), values.randomElement(using: &random)!)
            }
        }
        let (_, blocks) = try redacted(lists.map { HTTP2Bytes.frame(1, 4, stream: 1, encoder.encode($0)) })
        for (list, block) in zip(lists, blocks) {
            #expect(list.map(\.name) == block.map(\.name), "seed \(seed)")
            for (field, read) in zip(list, block) {
                if field.name[0] == UInt8(ascii: "x") {
                    #expect(field.value == read.value, "seed \(seed)")
                } else {
                    #expect(read.value.allSatisfy { $0 == UInt8(ascii: "*") }, "seed \(seed)")
                }
            }
        }
        #expect(blocks.count == lists.count)
    }
}
