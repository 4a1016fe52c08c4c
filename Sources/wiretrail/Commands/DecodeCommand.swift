import Adapters
import Protocols
import Replayer

extension Command {
    static let decode = Command(
        name: "decode",
        summary: "tell what a packet capture holds",
        discussion: """
            Reads pcap and pcapng files, gzip or not, puts each TCP connection's packets in order, and tells what was said
            like a timeline. Protocols are found by what is said, not by ports. Bytes that are missing, packets that
            contradict each other and connections that began before the capture are told where they are. Times are UTC.
            """,
        operands: [Operand(name: "FILE", help: "a capture; - for standard input", isRepeated: true)],
        options: [.protocolNames, .flow, .from, .to, .decodeAs, .rows, .json, .fields, .jobs, .color],
        examples: [
            Example("wiretrail decode office.pcapng", "connection by connection"),
            Example("tcpdump -i lo -w - tcp | wiretrail decode -", "while it goes on"),
            Example("wiretrail decode day.pcap.gz --protocol postgres --json | jq .title", "one JSON object per event"),
            Example(
                "wiretrail decode day.pcap --fields start,durationNs,title",
                "one line per event, tabs between the three"
            ),
            Example(
                "wiretrail decode odd.pcap --decode-as postgres --flow 3", "whatever the third connection looks like"),
        ],
        exits: [.unreadable],
        run: { (arguments) async throws(Failure) in try await DecodeCommand(arguments).run() })
}

extension Option {
    static let decodeAs = Option(
        "decode-as", "NAME", help: "take every connection for this protocol, whatever it looks like")
    static let protocolNames = Option(
        "protocol", "NAME", help: "only what speaks this: a protocol's name, tls, unknown or silent", isRepeatable: true
    )
    fileprivate static let fields = Option(
        "fields", "NAMES", help: "one line per event with these members or fields of its JSON, commas between the names"
    )
    fileprivate static let jobs = Option(
        "jobs", "N", help: "so many threads follow connections (default: one per processor)")
    fileprivate static let flow = Option(
        "flow", "NUMBER", help: "only this connection, by its number (tcp.stream in Wireshark)", isRepeatable: true)
}

/// Decodes one capture after the other.
private struct DecodeCommand {
    let arguments: Arguments
    let decoder: CaptureDecoder

    init(_ arguments: Arguments) throws(Failure) {
        self.arguments = arguments
        var decoder = CaptureDecoder(format: try Self.format(arguments))
        decoder.filter = try Self.filter(arguments)
        decoder.context.forced = try CaptureArguments.forced(arguments)
        if let jobs = try arguments.count(.jobs) { decoder.shards = min(jobs, 1024) }
        self.decoder = decoder
    }

    func run() async throws(Failure) -> ExitCode {
        var isAllRead = true
        for path in arguments.operands {
            do throws(Failure) { try await decode(path) } catch {
                guard error.code == .unreadable else { throw error }
                isAllRead = false
                Output.report(error)
            }
        }
        return isAllRead ? .success : .unreadable
    }

    private func decode(_ path: String) async throws(Failure) {
        let bar = ProgressBar()
        var decoder = decoder
        decoder.progress = { bar.show($0, of: $1) }
        defer { bar.clear() }
        let failure = try await Output.stream { (write) async throws(Failure) in
            do throws(CaptureFailure) { return try await decoder.run(path, write: write) } catch {
                throw CaptureArguments.failure(error)
            }
        }
        if let failure { throw CaptureArguments.failure(failure) }
    }

    private static func format(_ arguments: Arguments) throws(Failure) -> DecodeFormat {
        if let names = arguments[.fields] {
            guard !arguments.has(.json), !arguments.has(.rows), arguments[.color] == nil else {
                throw .usage("--fields is a form of its own", "leave out --json, --rows and --color")
            }
            return .fields(names.split(separator: ",").map { EventColumn(String($0)) })
        }
        return switch try TimelineCommand.format(arguments, showsRows: arguments.has(.rows)) {
        case .text(let colours, let showsRows): .text(colours: colours, showsRows: showsRows)
        case .jsonLines: .jsonLines
        }
    }

    private static func filter(_ arguments: Arguments) throws(Failure) -> DecodeFilter {
        let moments = try Moments(arguments)
        var filter = DecodeFilter()
        (filter.from, filter.to) = (moments.from, moments.to)
        for word in arguments.all(.flow) {
            guard let number = UInt64(word) else {
                throw .usage(
                    "--flow takes a connection's number, not “\(word)”", "`wiretrail decode` shows them: --flow 3")
            }
            filter.flows.insert(number)
        }
        filter.protocols = try CaptureArguments.protocols(arguments)
        return filter
    }
}

/// What the commands on captures share.
enum CaptureArguments {
    /// The protocol that --decode-as names.
    static func forced(_ arguments: Arguments) throws(Failure) -> ProtocolDescriptor? {
        guard let name = arguments[.decodeAs] else { return nil }
        guard let descriptor = ProtocolRegistry.all.first(where: { $0.id.rawValue == name }) else {
            throw noProtocol(name, ProtocolRegistry.all.map(\.id.rawValue))
        }
        return descriptor
    }

    /// What --protocol names.
    static func protocols(_ arguments: Arguments) throws(Failure) -> Set<String> {
        let names = ProtocolRegistry.all.map(\.id.rawValue) + ["tls", "unknown", "silent"]
        let given = arguments.all(.protocolNames)
        if let wrong = given.first(where: { !names.contains($0) }) { throw noProtocol(wrong, names) }
        return Set(given)
    }

    private static func noProtocol(_ name: String, _ names: [String]) -> Failure {
        let near = Suggestion.nearest(to: name, among: names).map { "did you mean \($0)? " } ?? ""
        return .usage(
            "“\(name)” is no protocol that can be read", near + "it is one of: \(names.joined(separator: ", "))")
    }

    static func failure(_ failure: CaptureFailure) -> Failure {
        switch failure {
        case .system: Failure(.unreadable, "\(failure)", "is the name right, and may you read it?")
        case .format(_, let fault) where fault.code == .notCapture:
            Failure(.unreadable, "\(failure)", "captures are pcap or pcapng files, as tcpdump and Wireshark write them")
        case .format, .damagedCompression:
            Failure(.unreadable, "\(failure)", "what came before is told; copy or capture it again for the rest")
        }
    }
}
