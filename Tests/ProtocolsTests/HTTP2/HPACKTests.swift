import CNGHTTP2
import Protocols
import Testing
import WireTestKit

@Suite struct HPACKTests {
    /// RFC 7541, appendix C: blocks of one connection, and the fields that they carry.
    struct Example: Sendable, CustomTestStringConvertible {
        let section: String
        let capacity: Int
        let blocks: [String]
        let fields: [[String]]
        var testDescription: String { section }
    }

    private static let requests = [
        [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
        [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
        [
            ":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com",
            "custom-key: custom-value",
        ],
    ]

    @Test(arguments: [
        Example(
            section: "C.3, without Huffman", capacity: 4096,
            blocks: [
                "828684410f7777772e6578616d706c652e636f6d", "828684be58086e6f2d6361636865",
                "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
            ], fields: requests),
        Example(
            section: "C.4, with Huffman", capacity: 4096,
            blocks: [
                "828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf",
                "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
            ], fields: requests),
        Example(
            section: "C.6, a table of 256 bytes that evicts", capacity: 256,
            blocks: [
                "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
                "4883640effc1c0bf",
                "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
            ],
            fields: [
                [
                    ":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT",
                    "location: https://www.example.com",
                ],
                [
                    ":status: 307", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT",
                    "location: https://www.example.com",
                ],
                [
                    ":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT",
                    "location: https://www.example.com", "content-encoding: gzip",
                    "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
                ],
            ]),
    ])
    func `the examples of the RFC`(_ example: Example) throws {
        var decoder = HPACKDecoder()
        if example.capacity < 4096 {
            // The RFC's third connection starts with a smaller table; a size update makes it so.
            var update: [UInt8] = [0x3f]
            update += [UInt8((example.capacity - 31) & 0x7f | 0x80), UInt8((example.capacity - 31) >> 7)]
            #expect(try decoder.decode(update.span) == [])
        }
        for (block, fields) in zip(example.blocks, example.fields) {
            let bytes = try #require(Hex.decode(block))
            let decoded = try decoder.decode(bytes.span)
            #expect(decoded.map(\.text) == fields)
        }
    }

    @Test(arguments: [
        ("80", HPACKFault.index), ("be", .index), ("7f", .truncated), ("ffffffffff7f", .integer),
        ("ffffffffffffffffff01", .integer), ("8220", .sizeUpdate), ("3fe21f", .sizeUpdate), ("4003", .truncated),
        // Padding of zeros, of eight ones, and EOS itself.
        ("0081008100", .huffman), ("008200ff", .truncated), ("0082ffff", .huffman), ("0084ffffffff", .huffman),
    ])
    func `what is no header block is refused`(_ block: String, _ fault: HPACKFault) throws {
        var decoder = HPACKDecoder()
        let bytes = try #require(Hex.decode(block))
        #expect(throws: fault) { try decoder.decode(bytes.span) }
    }

    @Test func `a small block cannot become a large list`() {
        // One field of 4000 bytes is kept, then repeated: three bytes become eight megabytes.
        var encoder = HPACKEncoder(usesHuffman: false)
        let large = HPACKField("x", String(repeating: "a", count: 4000))
        var decoder = HPACKDecoder()
        #expect(throws: HPACKFault.limit) {
            try decoder.decode(encoder.encode(Array(repeating: large, count: 2000)).span)
        }
        var many = HPACKDecoder()
        #expect(throws: HPACKFault.limit) { try many.decode([UInt8](repeating: 0x82, count: 5000).span) }
    }

    @Test func `a capture that began late shows what it can`() throws {
        var decoder = HPACKDecoder()
        decoder.loseTrack()
        let fields = try decoder.decode([0x82, 0xc0, 0x40, 1, 0x61, 1, 0x62, 0xbe].span)
        #expect(fields.map(\.text) == [":method: GET", ": ", "a: b", "a: b"])
    }

    @Test(arguments: 0..<20)
    func `nghttp2 and we read what the other writes`(_ round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix64(seed: seed)
        let oracle = HPACKOracle()
        var encoder = HPACKEncoder(usesHuffman: round % 2 == 0)
        var decoder = HPACKDecoder()
        for block in 0..<50 {
            if block % 10 == 9 {
                let capacity = Int.random(in: 0...4096, using: &generator)
                encoder.resize(capacity)
                oracle.resizeEncoder(capacity)
            }
            let fields = randomFields(&generator)
            #expect(oracle.decode(encoder.encode(fields)) == fields, "seed \(seed), block \(block)")
            // nghttp2 never indexes short cookies, asked or not.
            let read = try decoder.decode(oracle.encode(fields).span)
            let expected = zip(fields, read).map {
                HPACKField($0.name, $0.value, isNeverIndexed: $0.isNeverIndexed || $1.isNeverIndexed)
            }
            #expect(read == expected && read.count == fields.count, "seed \(seed), block \(block)")
        }
    }

    @Test func `nghttp2 and we agree on what is damaged`() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix64(seed: seed)
        for round in 0..<3000 {
            var encoder = HPACKEncoder(usesHuffman: round % 2 == 0)
            var block = encoder.encode(randomFields(&generator))
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !block.isEmpty {
                block[Int.random(in: 0..<block.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            var decoder = HPACKDecoder()
            let ours = try? decoder.decode(block.span)
            #expect(ours == HPACKOracle().decode(block), "seed \(seed), \(Hex.encode(block))")
        }
    }

    private func randomFields(_ generator: inout SplitMix64) -> [HPACKField] {
        (0..<Int.random(in: 0...12, using: &generator)).map { _ in
            let name = ["x-a", "cookie", ":path", "content-type", "grpc-status", "accept"].randomElement(
                using: &generator)!
            let count = Int.random(in: 0...40, using: &generator)
            let small = (0..<count).map { _ in UInt8.random(in: 0x20...0x7e, using: &generator) }
            let any = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            return HPACKField(
                Array(name.utf8), Bool.random(using: &generator) ? small : any,
                isNeverIndexed: Int.random(in: 0..<8, using: &generator) == 0)
        }
    }
}

extension HPACKField {
    var text: String { String(decoding: name + Array(": ".utf8) + value, as: UTF8.self) }
}
