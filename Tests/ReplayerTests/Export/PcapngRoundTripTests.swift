import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

/// Captures with holes. Wireshark reads the beginning of a packet that was cut short, of which a recording has nothing; and what was
/// captured out of order stands in an export in the order in which it was understood.
private let holed = ["lost-packet.pcap", "snapped.pcap"]

/// Recordings of real clients, taken to pcapng and read again: by us, and by Wireshark.
@Suite struct PcapngRoundTripTests {
    private let scratch = ScratchFolder()

    @Test(arguments: ["postgres", "http", "mcp"], [nil, "TLSv1.3"])
    func `a recording that is exported and decoded again tells the same`(_ folder: String, _ tls: String?) async throws
    {
        var count = 0
        for imported in try importAll(folder) {
            for path in imported.paths {
                let recording = try again(path, tls: tls)
                let told = Self.events(try timeline(recording), tls: tls)
                let capture = "\(scratch.path)/\(count).pcapng"
                try CaptureExport(RecordedSession(recording)).write(to: capture)
                let seen = Self.events(try await decoded(capture).lines, tls: tls)
                for (seen, told) in zip(seen, told) { #expect(seen == told, "\(imported.capture)") }
                #expect(seen.count == told.count, "\(imported.capture)")
                count += 1
            }
        }
        #expect(count > 30)
    }

    /// Wireshark reads the messages of the original capture, which was there before any of our code.
    @Test(arguments: ["http", "mcp"])
    func `Wireshark reads the same requests, responses and frames as in the original capture`(
        _ folder: String
    ) async throws {
        var count = 0
        for (number, imported) in try importAll(folder).enumerated() where !imported.paths.isEmpty {
            if holed.contains(where: imported.capture.hasSuffix) { continue }
            let capture = "\(scratch.path)/\(number).pcapng"
            try CaptureExport(RecordedSession(imported.paths, key: "all")).write(to: capture)
            let original = try await Self.messages(imported.capture, httpPorts: imported.ports)
            let exported = try await Self.messages(capture, httpPorts: ["80"])
            #expect(exported == original, "\(imported.capture)")
            count += original.count
        }
        #expect(count > 30)
    }

    // MARK: Recordings

    private struct Imported {
        let capture: String
        /// Recordings of HTTP/1 and Postgres.
        let paths: [String]
        /// Of their servers.
        let ports: Set<String>
    }

    private func importAll(_ folder: String) throws -> [Imported] {
        let captures = Repository.files(in: "\(Repository.root)/fixtures/\(folder)", endingIn: ".pcap")
        return try captures.enumerated().map { number, capture in
            let place = "\(scratch.path)/\(number)"
            _ = try CaptureImporter(state: place + "/state", recordings: place + "/recordings").run(capture)
            var ports: Set<String> = []
            let paths = try RecordingsFolder.recordings(below: place + "/recordings").filter { path in
                let start = try timeline(path)[0]
                guard ["postgres", "http"].contains(start["protocol"]?.string) else { return false }
                ports.formUnion(start["listener"]?.string?.split(separator: ":").suffix(1).map(String.init) ?? [])
                return true
            }
            return Imported(capture: capture, paths: paths, ports: ports)
        }
    }

    /// The same streams, as a gateway keeps what it has taken out of TLS.
    private func again(_ path: String, tls: String?) throws -> String {
        guard let tls else { return path }
        var start: StartFacts?
        try RecordingReader(path).forEachRecord { header, payload, _ in
            if header.type == .start { start = try? StartFacts(payload) }
            return start == nil
        }
        let recording = try TestRecording(in: "\(scratch.path)/again/\(path.split(separator: "/").last ?? "")") {
            facts, _ in
            facts.protocolID = start?.protocolID ?? facts.protocolID
            facts.tls = tls
        }
        var size = 0
        var fault: (any Error)?
        try RecordingReader(path).forEachRecord { header, payload, _ in
            guard header.type == .data || header.type == .gap else { return true }
            recording.add(header.type, header.direction, [UInt8](copying: payload))
            size += payload.count
            guard size > 200_000 else { return true }
            size = 0
            do { try recording.cut() } catch { fault = error }
            return fault == nil
        }
        if let fault { throw fault }
        try recording.seal()
        return recording.path
    }

    // MARK: Readings

    private func timeline(_ path: String) throws -> [JSON] {
        var output: [UInt8] = []
        try TimelineQuery(path, format: .jsonLines).run { bytes in
            output.append(bytes)
            return true
        }
        return try String(decoding: output, as: UTF8.self).split(separator: "\n").map { try JSON.parse(String($0)) }
    }

    /// What the bytes tell; the gateway's notes are comments in a capture.
    private static func events(_ lines: [JSON], tls: String?) -> [JSON] {
        let notes = Set(Annotation.Kind.allCases.map(\.rawValue)).subtracting(["fault"]).union(["identity"])
        let hasHoles = lines.contains { $0["kind"] == "gap" }
        return lines.compactMap { line in
            guard case .object(var event) = line, event["type"] == "event",
                let kind = event["kind"]?.string, !notes.contains(kind)
            else { return nil }
            for name in ["event", "flow", "requestPackets", "responsePackets"] { event[name] = nil }
            // A hole is noticed with the packet behind it: what stands around it has other times.
            if hasHoles { for name in ["start", "startNs", "durationNs"] { event[name] = nil } }
            // Who called is a comment, and of Postgres' TLS the capture shows the other answer.
            if tls != nil, case .object(var fields) = event["fields"] {
                for name in ["encryption", "caller"] { fields[name] = nil }
                event["fields"] = .object(fields)
            }
            return .object(event)
        }
    }

    /// What each connection says, in no order of connections.
    private static func messages(_ path: String, httpPorts: Set<String>) async throws -> [String] {
        let fields = [
            "tcp.stream", "http.request.method", "http.request.uri", "http.response.code", "http.content_length",
            "websocket.opcode", "websocket.payload_length",
        ]
        let decode = httpPorts.sorted().flatMap { ["-d", "tcp.port==\($0),http"] }
        let words = decode + ["-Y", "http || websocket", "-T", "fields"] + fields.flatMap { ["-e", $0] }
        // Of a capture that is cut off it reads what is there, and fails.
        let output = try await Command("tshark", ["-r", path] + words).run().output
        var streams: [Substring: String] = [:]
        for line in output.split(separator: "\n") {
            let columns = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            guard columns.count == 2, UInt64(columns[0]) != nil else { continue }
            streams[columns[0], default: ""] += columns[1] + "\n"
        }
        return streams.values.sorted()
    }
}
