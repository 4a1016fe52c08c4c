import Glibc
import Protocols
import Testing
import WireTestKit

/// Captures of MCP, and public ones of HTTP where the variable WIRETRAIL_PCAPS names their folder.
private let captures: [String] = {
    let ours = Repository.files(in: Repository.root + "/fixtures/mcp", endingIn: ".pcap")
    // SAFETY: the environment is not changed by the tests.
    guard let folder = unsafe getenv("WIRETRAIL_PCAPS") else { return ours }
    let others = unsafe Repository.files(in: String(cString: folder), endingIn: ".pcap")
    return ours + others.filter { $0.contains("zeek__http__") }
}()

@Suite struct HTTPTsharkTests {
    @Test(arguments: captures)
    func `Wireshark finds the same requests and responses`(_ path: String) async throws {
        let ports = Set(try await fields(path, "tcp.flags.syn==1 && tcp.flags.ack==0", ["tcp.dstport"]).map { $0[0] })
        let theirs = try await messages(path, ports)
        let conversations = try await Capture(path: path, serverPorts: ports).conversations()
        #expect(theirs.keys.allSatisfy { $0 < conversations.count })
        for (stream, turns) in conversations.enumerated() {
            let ours = HTTPStory(HTTPDecoder(limits: WireLimits()), WireLimits(), turns, .whole)
            guard ours.fault == nil else {
                // Wireshark reads on where a request has two readings, and where an answer is no HTTP.
                #expect(path.hasSuffix("te_cl_desync.pcap") || path.hasSuffix("http-to-ssh.pcap"), "\(stream)")
                continue
            }
            #expect(ours.requests == theirs[stream]?.requests ?? [], "stream \(stream)")
            // Wireshark does not list a response whose last chunk never came.
            let isCut = ours.server.last == "chunk end" || ours.server.last?.hasSuffix("chunked") == true
            let statuses = isCut ? ours.statuses.dropLast() : ours.statuses[...]
            #expect(Array(statuses) == theirs[stream]?.statuses ?? [], "stream \(stream)")
        }
    }

    private struct Messages {
        var requests: [String] = []
        var statuses: [String] = []
    }

    /// What Wireshark's dissector finds in each stream.
    private func messages(_ path: String, _ ports: Set<String>) async throws -> [Int: Messages] {
        let names = ["tcp.stream", "http.request.method", "http.request.uri", "http.response.code"]
        var messages: [Int: Messages] = [:]
        for line in try await fields(path, "http", names, ports) {
            let stream = try #require(Int(line[0]))
            let (methods, targets) = (line[1].split(separator: "^"), line[2].split(separator: "^"))
            messages[stream, default: Messages()].requests += zip(methods, targets).map { "\($0) \($1)" }
            messages[stream, default: Messages()].statuses += line[3].split(separator: "^").map(String.init)
        }
        return messages
    }

    private func fields(
        _ path: String, _ filter: String, _ names: [String], _ ports: Set<String> = []
    ) async throws -> [[String]] {
        let format = ["-T", "fields", "-E", "separator=|", "-E", "aggregator=^"] + names.flatMap { ["-e", $0] }
        let decode = ports.flatMap { ["-d", "tcp.port==\($0),http"] }
        let lines = try await Command("tshark", ["-r", path, "-Y", filter] + decode + format).output()
        return lines.split(separator: "\n").map {
            $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
