import Adapters
import Glibc
import Protocols
import Testing
import WireTestKit

/// Captures of others: those committed, and more where the variable WIRETRAIL_PCAPS names their folder.
private let captures: [String] = {
    let ours = ["fixtures/public/zeek", "fixtures/public/suricata-verify", "fixtures/ssh"].flatMap {
        Repository.files(in: Repository.root + "/" + $0, endingIn: ".pcap")
    }
    // SAFETY: the environment is not changed by the tests.
    guard let folder = unsafe getenv("WIRETRAIL_PCAPS") else { return ours.filter { $0.contains("ssh") } }
    let others = unsafe Repository.files(in: String(cString: folder), endingIn: ".pcap")
    return (ours + others).filter { $0.contains("ssh") }
}()

/// What Wireshark 4.0 does not see, by the end of the capture's name: the server sends lines before its identification, as
/// RFC 4253 §4.2 lets it, or its identification comes in pieces, and Wireshark reads nothing that follows them.
private let unseen: [String: (Direction, [Int])] = [
    "server-pre-banner-data.pcap": (.serverToClient, [20, 31, 21]),
    "lines-before-identification.pcap": (.serverToClient, [20, 31, 21]),
    "byte-by-byte.pcap": (.serverToClient, [20, 31, 21]),
]

/// Where Wireshark takes bytes behind NEWKEYS for messages: with AES-GCM, whose packets have their length in the clear.
private let overread = ["cipher-authenticated.pcap"]

@Suite struct SSHTsharkTests {
    private static let serverPorts: Set<String> = ["22", "2299"]

    @Test(arguments: captures)
    func `Wireshark finds the same messages and the same fingerprints`(_ path: String) async throws {
        let theirs = try await messages(path)
        let conversations = try await Capture(path: path, serverPorts: Self.serverPorts).conversations()
        for (stream, turns) in conversations.enumerated() {
            let ours = WireTrace(SSHDecoder(limits: WireLimits()), turns: turns, .whole)
            let events = TimelineProperties.events(SSHTimeline<TimelineAdapters>.self, turns)
            let exchange = events.first { $0.kind == "ssh.keyExchange" }
            for direction in Direction.allCases {
                if let (blind, numbers) = unseen.first(where: { path.hasSuffix($0.key) })?.value, blind == direction {
                    #expect(ours[direction].compactMap(number) == numbers)
                    continue
                }
                let seen = theirs[Key(stream: stream, direction: direction)] ?? Messages()
                let numbers = ours[direction].compactMap(number)
                // We stop at what breaks the rules, in both directions; Wireshark goes on.
                if ours.fault != nil || overread.contains(where: path.hasSuffix) {
                    #expect(seen.numbers.starts(with: numbers), "\(stream) \(direction)")
                    continue
                }
                #expect(numbers == seen.numbers, "\(stream) \(direction)")
                let fingerprint = exchange?[direction == .clientToServer ? "hassh" : "hasshServer"]
                #expect(fingerprint == seen.fingerprint.map { .text($0) }, "\(stream) \(direction)")
            }
        }
    }

    private struct Key: Hashable {
        let stream: Int
        let direction: Direction
    }

    private struct Messages {
        var numbers: [Int] = []
        var fingerprint: String?
    }

    private func messages(_ path: String) async throws -> [Key: Messages] {
        let fields = ["tcp.stream", "tcp.srcport", "ssh.message_code", "ssh.kex.hassh", "ssh.kex.hasshserver"]
        let lines = try await Command(
            "tshark",
            ["-r", path, "-d", "tcp.port==2299,ssh", "-Y", "ssh.message_code", "-T", "fields", "-E", "separator=|"]
                + fields.flatMap { ["-e", $0] }
        ).output()
        var messages: [Key: Messages] = [:]
        for line in lines.split(separator: "\n") {
            let values = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            let direction: Direction =
                Self.serverPorts.contains(values[1]) ? .serverToClient : .clientToServer
            let key = Key(stream: try #require(Int(values[0])), direction: direction)
            messages[key, default: Messages()].numbers += values[2].split(separator: ",").compactMap { Int($0) }
            let fingerprint = direction == .clientToServer ? values[3] : values[4]
            if !fingerprint.isEmpty { messages[key, default: Messages()].fingerprint = fingerprint }
        }
        return messages
    }

    private func number(_ entry: WireTrace<SSHMessage>.Entry) -> Int? {
        guard case .message(let message, _, _) = entry else { return nil }
        return switch message {
        case .line, .identification: nil
        case .keyExchangeInit: 20
        case .keyExchange(let number, _): Int(number)
        case .newKeys: 21
        case .disconnect: 1
        case .ignore: 2
        case .unimplemented: 3
        case .debug: 4
        }
    }
}
