import CPcap
import Protocols
import Replayer
import Testing
import WireTestKit

/// What a reader made of a packet.
private struct ReadPacket: Equatable {
    var link: UInt16
    var wallNanoseconds: Int64
    var content: [UInt8]
    var originalCount: Int
}

/// Our reading, with no more of the file at hand than a piece at a time.
private func ours(_ file: [UInt8], _ chunking: Chunking = .whole) -> (packets: [ReadPacket], fault: CaptureFault?) {
    var parser = CaptureParser()
    var rest: [UInt8] = []
    var packets: [ReadPacket] = []
    for piece in chunking.pieces(of: file.count) {
        rest += file[piece]
        while true {
            let step: CaptureStep
            do throws(CaptureFault) { step = try parser.step(rest.span) } catch { return (packets, error) }
            guard case .packet(let packet, let length) = step else {
                guard case .other(let length) = step else { break }
                rest.removeFirst(length)
                continue
            }
            packets.append(
                ReadPacket(
                    link: packet.link.rawValue, wallNanoseconds: packet.wallNanoseconds,
                    content: Array(rest[packet.content]), originalCount: packet.originalCount))
            rest.removeFirst(length)
        }
    }
    return (packets, nil)
}

/// libpcap's reading; `nil` where it refuses the file.
private func theirs(_ path: String) -> [ReadPacket]? {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard
        let capture = unsafe pcap_open_offline_with_tstamp_precision(path, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message)
    else { return nil }
    defer { unsafe pcap_close(capture) }
    var packets: [ReadPacket] = []
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var content: UnsafePointer<UInt8>?
    while true {
        let code = unsafe pcap_next_ex(capture, &header, &content)
        guard code == 1, let head = unsafe header?.pointee else { return code == PCAP_ERROR_BREAK ? packets : nil }
        // SAFETY: libpcap says that `caplen` bytes are there until the next call.
        let bytes = unsafe Array(UnsafeBufferPointer(start: content, count: Int(head.caplen)))
        packets.append(
            ReadPacket(
                link: unsafe UInt16(pcap_datalink(capture)),
                wallNanoseconds: Int64(head.ts.tv_sec) * 1_000_000_000 + Int64(head.ts.tv_usec), content: bytes,
                originalCount: Int(head.len)))
    }
}

private func conversation() -> TCPScript {
    var script = TCPScript()
    script.handshake()
    script.say(Array("Q".utf8) + [0, 0, 0, 13] + Array("SELECT 1".utf8) + [0], .lower)
    return script
}

@Suite struct CaptureFormatTests {
    private let scratch = ScratchFolder()

    @Test(arguments: CaptureWriter.Format.allCases)
    func `libpcap reads the same packets, times and lengths`(_ format: CaptureWriter.Format) throws {
        var writer = CaptureWriter(format, .ethernet)
        writer.append(conversation().packets)
        let path = scratch.path + "/capture"
        try write(writer.bytes, to: path)
        let expected = try #require(theirs(path))
        #expect(expected.count == 5)
        for chunking in Chunking.all { #expect(ours(writer.bytes, chunking).packets == expected, "\(chunking)") }
    }

    @Test(
        arguments: ["postgres", "mcp", "http", "public/zeek", "public/deepflow", "public/suricata-verify"].flatMap {
            Repository.files(in: Repository.root + "/fixtures/" + $0, endingIn: ".pcap")
        })
    func `libpcap reads the same of every capture that we keep`(_ path: String) throws {
        let file = try #require(Repository.bytes(of: path))
        guard let expected = theirs(path) else {
            #expect(ours(file).fault != nil || path.contains("cut-off"))
            return
        }
        #expect(ours(file).packets == expected)
    }

    @Test func `interfaces of one file may differ, which libpcap refuses`() throws {
        var writer = CaptureWriter(.pcapngLittle, .ethernet)
        let packets = conversation().packets
        writer.append(Array(packets.prefix(3)))
        writer.appendSecondInterface(.linuxCooked2, Array(packets.dropFirst(3)))
        let path = scratch.path + "/capture"
        try write(writer.bytes, to: path)
        #expect(theirs(path) == nil)
        let read = ours(writer.bytes).packets
        #expect(read.map(\.link) == [1, 1, 1, 276, 276])
        #expect(read.map(\.wallNanoseconds) == read.indices.map { 1_795_233_600_001_000_000 + Int64($0) * 1_000_000 })
    }

    @Test(
        arguments: [
            ([], nil), (Array("GET / HTTP/1.1\r\nHost: capture.example\r\n".utf8), .notCapture),
            ([0xd4, 0xc3, 0xb2, 0xa1, 9, 0] + [UInt8](repeating: 0, count: 18), .malformed),
            ([0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 1, 2, 3, 4], .malformed),
            ([0x0a, 0x0d, 0x0d, 0x0a, 0x7f, 0xff, 0xff, 0xfc, 0x1a, 0x2b, 0x3c, 0x4d], .limitExceeded),
        ] as [([UInt8], CaptureFault.Code?)])
    func `what is no capture, or a broken one, is told`(_ file: [UInt8], _ code: CaptureFault.Code?) {
        #expect(ours(file).fault?.code == code)
    }

    @Test func `a packet that is said to be huge is not waited for`() {
        var file = CaptureWriter(.pcapLittle).bytes
        file += [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]
        #expect(ours(file).fault?.code == .limitExceeded)
    }
}
