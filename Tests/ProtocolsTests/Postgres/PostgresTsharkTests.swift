import Glibc
import Protocols
import Testing
import WireTestKit

/// Our captures, and public ones where the variable WIRETRAIL_PCAPS names their folder.
private let captures: [String] = {
    let ours = Repository.files(in: Repository.root + "/fixtures/postgres", endingIn: ".pcap")
    // SAFETY: the environment is not changed by the tests.
    guard let folder = unsafe getenv("WIRETRAIL_PCAPS") else { return ours }
    let others = unsafe Repository.files(in: String(cString: folder), endingIn: ".pcap")
    return ours + others.filter { $0.contains("postgre") || $0.contains("pgsql") }
}()

/// What Wireshark 4.0 calls "Unknown", by the end of the capture's name, and what it is by the manual (§55.7).
private let unknownToWireshark = [
    // A StartupMessage of version 196610 asks for protocol 3.2; Wireshark knows 196608 alone.
    "version-3-2-negotiated-down.pcap": "Startup message",
    "version-3-2-refused.pcap": "Startup message",
    // 'W' is CopyBothResponse.
    "copy-both.pcap": "CopyBoth response",
]

/// Captures of something else, where we stop at the fault and Wireshark looks for more.
private let broken = [
    // The startup packet gives its length as 3; no length is below 8. Wireshark still lists the other side's answer.
    "bad-startup-message-1.pcap",
    "http-on-port-5432.pcap",
]

@Suite struct PostgresTsharkTests {
    @Test(arguments: captures)
    func `Wireshark finds the same messages with the same lengths`(_ path: String) async throws {
        let tshark = Tshark(path: path)
        var theirs = try await tshark.messages()
        if let name = unknownToWireshark.first(where: { path.hasSuffix($0.key) })?.value {
            for key in theirs.keys {
                theirs[key] = theirs[key]?.map { $0.type == "Unknown" ? .init(type: name, length: $0.length) : $0 }
            }
        }
        let conversations = try await tshark.conversations()
        #expect(theirs.keys.allSatisfy { $0.stream < conversations.count })
        for (stream, turns) in conversations.enumerated() {
            let ours = trace(turns, start: .anywhere)
            if broken.contains(where: path.hasSuffix) {
                #expect(ours.fault?.code == .malformed)
                #expect(ours.fault?.direction == .clientToServer)
                continue
            }
            #expect(ours.fault == nil)
            for direction in Direction.allCases {
                let key = Tshark.Key(stream: stream, direction: direction)
                #expect(ours[direction].compactMap(Tshark.Message.init) == theirs[key] ?? [], "\(key)")
            }
        }
    }
}
